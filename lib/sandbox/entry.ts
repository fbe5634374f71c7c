import type { Cgroup } from './cgroup.ts'
import type { Program } from './enclosure.ts'
import { filtered } from './call-filter.ts'
import { findHostTool, hostPath, hostTool } from './host-tools.ts'
import type { Identity } from './identity.ts'
import { innerNamespace } from './keeper.ts'
import type { Limits } from './limits.ts'

/** A process of the host that leads inside. */
export interface Entry {
  words: string[]
  /** All of its environment. */
  env: Record<string, string>
}

/** What is the same for every program that goes into a sandbox of namespaces. */
export interface EntryOptions {
  /** The first process inside, as the host numbers it. */
  pid: number
  cgroup: Cgroup
  user: Identity
  limits: Limits
}

/** A bash that takes no orders from its environment (-p) or anybody's home: on a socket it would read one's bashrc. */
const script = (text: string): string[] => [hostTool('bash'), '--norc', '--noprofile', '-p', '-c', text, 'drydock']

/**
 * The words before each program that goes inside: it joins the control group, is held by process to what that does not
 * hold, and leaves behind whatever files the agent itself was started with.
 */
function gate({ doors, holds }: Cgroup, { disk, memory }: Limits): string[] {
  const close = 'for fd in /proc/self/fd/*; do fd=${fd##*/}; ((fd > 2)) && exec {fd}>&-; done'
  const join = 'while [[ $1 != -- ]]; do echo "$$" >"$1" || exit; shift; done; shift'
  // In units of 1,024 bytes, for good and for all.
  const limit = [
    '-c 0',
    `-f ${Math.floor(disk / 1024)}`,
    ...(holds.has('memory') ? [] : [`-d ${Math.floor(memory / 1024)}`]),
  ]
  const limited = limit.map((words) => `ulimit ${words} || exit`).join('; ')
  return [...script(`${close}; ${join}; ${limited}; exec "$@"`), ...doors, '--']
}

/**
 * The last step, done inside but for the numbering of processes, which begins with a fork. The parent does nothing but
 * wait, and tell how its child ended. Only the child gets the environment: nothing in that has a say outside.
 *
 *     bash -c CROSSING drydock DIRECTORY WORD…
 */
const crossing = `
cd -- "$1" || exit 126
shift
trap : HUP
exec 3>&2 2>/dev/null
(
  exec 2>&3 3>&-
  unset LC_ALL OLDPWD
  umask 022
  # Not the first: on a socket such a bash would read files that others do not.
  export SHLVL=1
  eval "unset DRYDOCK_ENV; export $DRYDOCK_ENV"
  exec -- "$@"
)
exit
`

/**
 * How a program is started inside: into the namespaces by way of the first process, into the inner user namespace that
 * has no power over the others, without privileges or any to gain. `env` is all that it has of an environment.
 */
export function entry({ argv, cwd }: Program, env: Record<string, string>, options: EntryOptions): Entry {
  const { pid, cgroup, limits } = options
  const { uid, gid } = options.user
  const asUser = process.getuid!() === 0 ? ['--setuid', `${uid}`, '--setgid', `${gid}`] : ['--preserve-credentials']
  // Only root keeps capabilities in an exec, and only root may give up those to come.
  const bounding = uid === 0 ? ['--bounding-set=-all'] : []
  const words = [
    ...gate(cgroup, limits),
    hostTool('nsenter'),
    '--target',
    `${pid}`,
    '--user',
    '--mount',
    '--net',
    '--ipc',
    '--uts',
    '--pid',
  ]
  words.push('--no-fork', '--preserve-credentials', '--')
  words.push(hostTool('nsenter'), `--user=${innerNamespace}`, ...asUser, '--')
  words.push(hostTool('setpriv'), '--no-new-privs', '--inh-caps=-all', '--ambient-caps=-all', ...bounding, '--')
  words.push(...callFilter(), ...script(crossing), cwd, ...argv)
  const pairs = Object.entries(env).map(([name, value]) => `${name}=${quoted(value)}`)
  return { words, env: { PATH: hostPath, LC_ALL: 'C', DRYDOCK_ENV: pairs.join(' ') } }
}

/** The words that put a filter of kernel calls on what comes after them; empty where this machine can have none. */
export function callFilter(): string[] {
  return filtered(findHostTool('perl'), process.arch)
}

function quoted(value: string): string {
  return `'${value.replaceAll("'", `'\\''`)}'`
}
