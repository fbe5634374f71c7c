import { type ChildProcessWithoutNullStreams } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { realpathSync } from 'node:fs'
import { chown, mkdir } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { Duplex } from 'node:stream'
import { Failure } from '../core/failure.ts'
import { EnclosedSandbox } from './enclosed.ts'
import type { Enclosure, Exec, Hear, Program, TerminalCommand } from './enclosure.ts'
import { execOf, spawnApart, streamOf } from './host-process.ts'
import { hostTool } from './host-tools.ts'
import type { Identity } from './identity.ts'
import type { Limits } from './limits.ts'
import { endMarked } from './marked.ts'
import type { Sandbox } from './sandbox.ts'
import { isWithin, toolchainsIn } from './toolchains.ts'
import { variables } from './variables.ts'

export interface LocalOptions {
  project: string
  /** Folder of the host with a copy of the project: the workspace, where it lies. */
  source: string
  /** Who the work runs as: the person, or the project's owner where the person is root. */
  user: Identity
  /** Folder of the host that is HOME; made where it is missing. */
  home: string
  limits: Limits
  /** The only variables of the person's that programs get. */
  env: Record<string, string>
  /** Where the person's own tools are found: their PATH, and their home folder. */
  tools: { path: string; home: string }
}

/** What stands on the screen as long as it is used. */
export const localMark = 'LOCAL: no sandbox'

/**
 * No sandbox: programs of this machine, in a copy of the project, with all that whoever runs them may do. For those who
 * have chosen so with their own hand; each command wants a yes of its own, which is the agent's to ask for.
 */
export async function startLocal(options: LocalOptions): Promise<Sandbox> {
  await mkdir(options.home, { recursive: true, mode: 0o700 })
  if (process.getuid!() === 0) await chown(options.home, options.user.uid, options.user.gid)
  const { source, home } = options
  const scratch = join(home, '.cache', 'drydock')
  return new EnclosedSandbox(new LocalEnclosure(options), source, {
    scratch,
    confine: async (path) => confine(path, [source, home]),
  })
}

class LocalEnclosure implements Enclosure {
  readonly label = localMark
  readonly uncounted = true
  readonly limits: Limits
  readonly folders: readonly string[]
  readonly ended: Promise<void>
  private readonly options: LocalOptions
  private readonly env: Record<string, string>
  /** A variable of everything that it starts. */
  private readonly mark = randomBytes(12).toString('hex')
  private readonly running = new Set<ChildProcessWithoutNullStreams>()
  private end!: () => void

  constructor(options: LocalOptions) {
    const { project, home, tools, env, limits } = options
    const found = toolchainsIn(tools.path, tools.home, project)
    this.options = options
    this.limits = limits
    this.folders = [options.source, home]
    this.env = { ...variables, ...found.variables, PATH: found.path, HOME: home, ...env, DRYDOCK_LOCAL: this.mark }
    this.ended = new Promise((resolve) => (this.end = resolve))
  }

  async start(program: Program, hear: Hear): Promise<Exec> {
    return execOf(this.begin(program), hear, async () => false)
  }

  async stream(program: Program): Promise<Duplex> {
    return streamOf(this.begin(program))
  }

  terminal(program: Program): TerminalCommand {
    const [file, ...args] = this.words(program)
    return { file: file!, args, env: { ...this.env, ...program.env }, advice: 'It needs bash.' }
  }

  async remove(): Promise<void> {
    await endMarked(`DRYDOCK_LOCAL=${this.mark}`)
    const children = [...this.running].filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null)
    await Promise.all(children.map((child) => once(child, 'exit')))
    this.end()
  }

  private begin(program: Program): ChildProcessWithoutNullStreams {
    const child = spawnApart(this.words(program), { ...this.env, ...program.env })
    this.running.add(child)
    child.on('close', () => this.running.delete(child))
    return child
  }

  private words({ argv, cwd }: Program): string[] {
    const { uid, gid } = this.options.user
    const asUser = ['--reuid', `${uid}`, '--regid', `${gid}`, '--clear-groups', '--']
    const crossing = 'cd -- "$1" || exit 126; shift; unset OLDPWD; exec -- "$@"'
    const enter = [hostTool('bash'), '--norc', '--noprofile', '-p', '-c', crossing, 'drydock', cwd, ...argv]
    return process.getuid!() === 0 && uid !== 0 ? [hostTool('setpriv'), ...asUser, ...enter] : enter
  }
}

/** Nothing holds a link in the copy back from leading out of it, so what a tool is to touch is looked at before. */
function confine(path: string, folders: readonly string[]): void {
  const real = realOf(path)
  if (folders.some((folder) => isWithin(real, realOf(folder)))) return
  throw new Failure('unsafe', `${path} leads out of the workspace, to ${real}: there is no sandbox to hold it.`)
}

/** Where a path leads, be its end there or not. */
function realOf(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path === '/' ? path : join(realOf(dirname(path)), basename(path))
  }
}
