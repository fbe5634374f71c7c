import { type ChildProcessWithoutNullStreams } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Cgroup, makeCgroup } from './cgroup.ts'
import { EnclosedSandbox } from './enclosed.ts'
import type { Enclosure, Exec, Hear, Program, TerminalCommand } from './enclosure.ts'
import { execOf, spawnApart } from './host-process.ts'
import { hostTool } from './host-tools.ts'
import { type Identity, writeIdentity } from './identity.ts'
import { innerNamespace } from './keeper.ts'
import type { Limits } from './limits.ts'
import { mountPoints } from './mount-table.ts'
import type { WorkspaceMount } from './mounts.ts'
import { type Namespaces, makeNamespaces } from './namespaces.ts'
import { rootPlan } from './new-root.ts'
import { startOf } from './owner.ts'
import type { Sandbox } from './sandbox.ts'
import { type Toolchains, toolchainsIn } from './toolchains.ts'
import { variables } from './variables.ts'

export interface EmbeddedOptions {
  /** Absolute path of the project: read-only at /project, and where the workspace is inside. */
  project: string
  mount: WorkspaceMount
  /** Who works inside: the person, or the project's owner where the person is root. */
  user: Identity
  /** Folder of the host that becomes the home inside; made where it is missing. */
  home: string
  /** Folder of the host for what is generated for this sandbox; made where it is missing, left to the caller. */
  runtimeDir: string
  limits: Limits
  /** The only variables of the host that go inside. */
  env: Record<string, string>
  /** Where the person's own tools are found: their PATH, and their home folder. */
  tools: { path: string; home: string }
}

/** Bytes of the largest file: nothing else holds back what fills a disk. */
const largestFile = 16 * 2 ** 30

/**
 * Starts a sandbox of Linux namespaces for one session, without an engine: the host's system read-only, and its kernel.
 * It lives as long as this process holds the standard input of its first process: when that goes, by SIGKILL too,
 * everything inside ends.
 *
 * Errors: `Failure` `sandbox` where the system does not allow it or cannot mount the workspace.
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<Sandbox> {
  const { user, limits } = options
  const tools = toolchainsIn(options.tools.path, options.tools.home, options.project)
  const etc = await writeEtc(options)
  const root = { ...options, etc, folders: tools.folders, asRoot: user.uid === 0 }
  const plan = rootPlan(root, await mountPoints())
  const cgroup = await makeCgroup(limits)
  try {
    const namespaces = await makeNamespaces(plan, user, { pids: limits.pids, gate: gate(cgroup) })
    return new EnclosedSandbox(new EmbeddedEnclosure(namespaces, cgroup, options, tools), options.project)
  } catch (error) {
    await cgroup.remove()
    throw error
  }
}

/**
 * The words before each program that goes inside: it joins the control group, and leaves behind whatever files the agent
 * was started with.
 */
function gate({ doors }: Cgroup): string[] {
  const script = [
    'for fd in /proc/self/fd/*; do fd=${fd##*/}; ((fd > 2)) && exec {fd}>&-; done',
    'while [[ $1 != -- ]]; do echo "$$" >"$1" || exit; shift; done; shift; exec "$@"',
  ]
  // -p: a bash that takes no orders from variables.
  return [hostTool('bash'), '-p', '-c', script.join('; '), 'drydock', ...doors, '--']
}

/** What the person is told of it: what it promises less than a container. */
function labelOf({ holds }: Cgroup): string {
  const lacking = [
    ...(holds.has('memory') ? [] : ['memory limited by process']),
    ...(holds.has('cpus') ? [] : ['no processor limit']),
    'shared kernel',
  ]
  return `embedded: ${lacking.join(', ')}`
}

/** The folder of what takes the place of files in /etc. */
async function writeEtc(options: EmbeddedOptions): Promise<string> {
  const etc = join(options.runtimeDir, 'etc')
  await mkdir(etc, { recursive: true })
  await chmod(etc, 0o755)
  await writeIdentity({ ...options, runtimeDir: etc })
  for (const [name, content] of [
    ['hostname', 'drydock\n'],
    ['hosts', '127.0.0.1 localhost drydock\n::1 localhost\n'],
  ] as const) {
    await writeFile(join(etc, name), content)
    await chmod(join(etc, name), 0o644)
  }
  return etc
}

class EmbeddedEnclosure implements Enclosure {
  readonly label: string
  readonly ended: Promise<void>
  private readonly namespaces: Namespaces
  private readonly cgroup: Cgroup
  private readonly options: EmbeddedOptions
  private readonly env: Record<string, string>
  private readonly running = new Set<ChildProcessWithoutNullStreams>()
  private gone = false

  constructor(namespaces: Namespaces, cgroup: Cgroup, options: EmbeddedOptions, tools: Toolchains) {
    this.label = labelOf(cgroup)
    this.cgroup = cgroup
    this.namespaces = namespaces
    this.options = options
    this.env = { ...variables, ...tools.variables, PATH: tools.path, ...options.env }
    this.ended = namespaces.ended.then(() => void (this.gone = true))
  }

  async start(program: Program, hear: Hear): Promise<Exec> {
    if (this.gone) throw new Error('it has ended')
    // Ended programs and what they left are told apart by a session of the program's own.
    const child = spawnApart(this.enter(program, [hostTool('setsid')]), { ...this.env, ...program.env })
    this.running.add(child)
    child.on('close', () => this.running.delete(child))
    return execOf(child, hear, () => this.isLost())
  }

  terminal(program: Program): TerminalCommand {
    const [file, ...args] = this.enter(program, [])
    return { file: file!, args, env: { ...this.env, ...program.env }, advice: '`agent doctor` tells what is missing.' }
  }

  async remove(): Promise<void> {
    await this.namespaces.end()
    const children = [...this.running].filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null)
    await Promise.all(children.map((child) => once(child, 'exit')))
    await this.cgroup.remove()
    // The kernel leaves a folder there that even its owner may not look into.
    if (this.options.mount.kind === 'overlay') await chmod(join(this.options.mount.work, 'work'), 0o700).catch(() => {})
  }

  /** The first process is gone before those are told who died with it. */
  private async isLost(): Promise<boolean> {
    return this.gone || (await startOf(this.namespaces.pid)) === undefined
  }

  /**
   * The words of the host that run a program inside: into the namespaces by way of the first process, into the inner
   * user namespace that has no power over the others, without privileges or any to gain, and into the numbering of
   * processes by a fork whose parent, the one process outside, does nothing but wait.
   */
  private enter({ argv, cwd }: Program, last: string[]): string[] {
    const { uid, gid } = this.options.user
    const namespaces = ['--user', '--mount', '--net', '--ipc', '--uts', '--pid']
    const asUser = process.getuid!() === 0 ? ['--setuid', `${uid}`, '--setgid', `${gid}`] : ['--preserve-credentials']
    // Only root keeps capabilities in an exec, and only root may give up those to come.
    const bounding = uid === 0 ? ['--bounding-set=-all'] : []
    const { memory } = this.options.limits
    const words = [...gate(this.cgroup), hostTool('prlimit'), '--core=0', `--fsize=${largestFile}`]
    if (!this.cgroup.holds.has('memory')) words.push(`--data=${memory}`)
    words.push(hostTool('nsenter'), '--target', `${this.namespaces.pid}`, ...namespaces)
    words.push('--no-fork', '--preserve-credentials', '--')
    words.push(hostTool('nsenter'), `--user=${innerNamespace}`, ...asUser, '--')
    words.push(hostTool('setpriv'), '--no-new-privs', '--inh-caps=-all', '--ambient-caps=-all', ...bounding, '--')
    words.push(hostTool('unshare'), '--fork', '--kill-child', `--wd=${cwd}`, '--')
    return [...words, ...last, ...argv]
  }
}
