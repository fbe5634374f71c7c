import { type ChildProcessWithoutNullStreams } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { type Cgroup, makeCgroup } from './cgroup.ts'
import { EnclosedSandbox } from './enclosed.ts'
import type { Enclosure, Exec, Hear, Program, TerminalCommand } from './enclosure.ts'
import { type Entry, callFilter, entry } from './entry.ts'
import { execOf, spawnApart, streamOf } from './host-process.ts'
import { hostTool } from './host-tools.ts'
import { type Identity, writeIdentity } from './identity.ts'
import type { Limits } from './limits.ts'
import { type Shown, filledFolders } from './mounts.ts'
import { type Namespaces, makeNamespaces } from './namespaces.ts'
import { type Skeleton, writeRoot } from './new-root.ts'
import { startOf } from './owner.ts'
import type { Sandbox } from './sandbox.ts'
import { type Toolchains, toolchainsIn } from './toolchains.ts'
import { variablesFor } from './variables.ts'

export interface EmbeddedOptions extends Shown {
  /** Who works inside: the person, or the project's owner where the person is root. */
  user: Identity
  /** Folder of the host for what is generated for this sandbox; made where it is missing, left to the caller. */
  runtimeDir: string
  limits: Limits
  /** The only variables of the host that go inside. */
  env: Record<string, string>
  /** Where the person's own tools are found: their PATH, and their home folder. */
  tools: { path: string; home: string }
}

/**
 * Starts a sandbox of Linux namespaces for one session, without an engine: the host's system read-only, and its kernel.
 * It lives as long as this process holds the standard input of its first process: when that goes, by SIGKILL too,
 * everything inside ends.
 *
 * Errors: `Failure` `sandbox` where the system does not allow it or cannot mount the workspace: no overlay can be had on a
 * project that has mounts in it.
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<Sandbox> {
  const { user, limits } = options
  const making = makeCgroup(limits)
  const tools = toolchainsIn(options.tools.path, options.tools.home, options.project)
  const prepare = async () => {
    const [cgroup, root] = await Promise.all([making, writeSkeleton(options, tools)])
    // The kernel counts refusals in the group alone: where that has a limit, it is to be met first.
    return { ...root, doors: cgroup.doors, pids: cgroup.holds.has('pids') ? limits.pids * 2 : limits.pids }
  }
  try {
    const namespaces = await makeNamespaces(prepare, user)
    return new EnclosedSandbox(new EmbeddedEnclosure(namespaces, await making, options, tools), options.project)
  } catch (error) {
    await (await making).remove()
    throw error
  }
}

/** What an embedded sandbox promises less than a container on this machine, in a few words. */
export async function embeddedLacks(limits: Limits): Promise<string> {
  const cgroup = await makeCgroup(limits)
  await cgroup.remove()
  return lacks(cgroup)
}

function lacks({ holds }: Cgroup): string {
  return [
    ...(holds.has('memory') ? [] : ['memory limited by process']),
    ...(holds.has('cpus') ? [] : ['no processor limit']),
    ...(callFilter().length > 0 ? [] : ['no filter of kernel calls']),
    'shared kernel',
  ].join(', ')
}

/** What the root is put together from. */
async function writeSkeleton(options: EmbeddedOptions, tools: Toolchains): Promise<Skeleton> {
  const skeleton = { root: join(options.runtimeDir, 'root'), stage: join(options.runtimeDir, 'stage') }
  const etc = await writeEtc(options)
  await writeRoot(skeleton, { ...options, etc, folders: tools.folders, asRoot: options.user.uid === 0 })
  return skeleton
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
  readonly limits: Limits
  readonly folders: readonly string[]
  private readonly namespaces: Namespaces
  private readonly cgroup: Cgroup
  private readonly options: EmbeddedOptions
  private readonly env: Record<string, string>
  private readonly running = new Set<ChildProcessWithoutNullStreams>()
  private gone = false

  constructor(namespaces: Namespaces, cgroup: Cgroup, options: EmbeddedOptions, tools: Toolchains) {
    this.label = `embedded: ${lacks(cgroup)}`
    this.limits = options.limits
    this.folders = filledFolders(options)
    this.cgroup = cgroup
    this.namespaces = namespaces
    this.options = options
    this.env = { ...variablesFor(options), ...tools.variables, PATH: tools.path, ...options.env }
    this.ended = namespaces.ended.then(() => void (this.gone = true))
  }

  async start(program: Program, hear: Hear): Promise<Exec> {
    if (this.gone) throw new Error('it has ended')
    const child = this.begin(program)
    return execOf(child, hear, () => this.isLost())
  }

  async stream(program: Program): Promise<Duplex> {
    if (this.gone) throw new Error('it has ended')
    return streamOf(this.begin(program))
  }

  terminal(program: Program): TerminalCommand {
    const { words, env } = this.enter(program, [])
    return { file: words[0]!, args: words.slice(1), env, advice: '`agent doctor` tells what is missing.' }
  }

  gauges(names: readonly string[]): Promise<Map<string, string>> | undefined {
    return this.cgroup.read(names)
  }

  refresh(): Promise<void> {
    const { mount, project } = this.options
    return mount.kind === 'overlay' ? this.namespaces.refresh(project) : Promise.resolve()
  }

  async remove(): Promise<void> {
    await this.namespaces.end()
    const children = [...this.running].filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null)
    await Promise.all(children.map((child) => once(child, 'exit')))
    await this.cgroup.remove()
    // The kernel leaves a folder there that even its owner may not look into.
    if (this.options.mount.kind === 'overlay') await chmod(join(this.options.mount.work, 'work'), 0o700).catch(() => {})
  }

  private begin(program: Program): ChildProcessWithoutNullStreams {
    // A session of the program's own, by which what it leaves can be told from the rest.
    const { words, env } = this.enter(program, [hostTool('setsid')])
    const child = spawnApart(words, env)
    this.running.add(child)
    child.on('close', () => this.running.delete(child))
    return child
  }

  /** The first process is gone before those are told who died with it. */
  private async isLost(): Promise<boolean> {
    return this.gone || (await startOf(this.namespaces.pid)) === undefined
  }

  private enter(program: Program, last: string[]): Entry {
    const { namespaces, cgroup, options } = this
    const words = { ...program, argv: [...last, ...program.argv] }
    return entry(words, { ...this.env, ...program.env }, { ...options, cgroup, pid: namespaces.pid })
  }
}
