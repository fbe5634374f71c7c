import type { Duplex } from 'node:stream'
import type { Container, ContainerCreateOptions } from 'dockerode'
import type { Disposable } from '../core/dispose.ts'
import { Failure } from '../core/failure.ts'
import { Channel } from './channel.ts'
import type { Engine } from './engine.ts'
import { startExec, streamExec } from './exec.ts'
import { ChannelFiles } from './files.ts'
import { type Identity, writeIdentity } from './identity.ts'
import { type Limits, hostConfig } from './limits.ts'
import { type HostFile, type WorkspaceMount, homeInside, mounts } from './mounts.ts'
import { isOrphan, ownedLabel, ownerLabels, thisProcess } from './owner.ts'
import { runProgram } from './run.ts'
import type { Exit, Files, RunOptions, Sandbox, Shell, Size } from './sandbox.ts'
import { PersistentShell } from './shell.ts'

export interface ContainerOptions {
  image: string
  session: string
  /** Absolute path of the project: read-only at /project, and where the workspace is inside. */
  project: string
  mount: WorkspaceMount
  /** Who works inside: the person, or the project's owner where the person is root. */
  user: Identity
  /** Folder of the host that becomes the home inside; made where it is missing. */
  home: string
  /** Folder of the host for what is generated for this container; made where it is missing, left to the caller. */
  runtimeDir: string
  /** Folder of the host with the sockets that lead out (lib/sandbox/network.ts): read-only at `socketsInside`. */
  sockets?: string
  limits: Limits
  /** The only variables of the host that go inside. */
  env: Record<string, string>
  /** For the status line; `docker · IMAGE` by default. */
  label?: string
}

/**
 * Starts a container for one session. It lives as long as this process keeps its end of the container's standard input:
 * when that goes, by SIGKILL too, the engine removes it.
 *
 * Errors: `Failure` `image` where the engine does not have the image, `sandbox` where it refuses to make or start the
 * container, an overlay that it cannot mount included.
 */
export async function startContainer(engine: Engine, options: ContainerOptions): Promise<Sandbox> {
  const identity = await writeIdentity(options)
  const container = await create(engine, options, identity)
  try {
    const attached = await attach(container)
    await container.start()
    return new ContainerSandbox(engine, container, attached, options)
  } catch (error) {
    await removeContainer(container)
    throw refused('started', options.image, error)
  }
}

/**
 * Removes what sessions of processes that are no more have left in the engine: containers that were never started, and
 * running ones. Gives the number of them.
 */
export async function sweep(engine: Engine): Promise<number> {
  const found = await engine.docker.listContainers({ all: true, filters: { label: [ownedLabel] } })
  let removed = 0
  for (const { Id, Labels } of found) {
    if (!(await isOrphan(Labels, engine.local))) continue
    await removeContainer(engine.docker.getContainer(Id))
    removed += 1
  }
  return removed
}

async function create(engine: Engine, options: ContainerOptions, identity: HostFile[]): Promise<Container> {
  const labels = ownerLabels(options.session, await thisProcess())
  const { uid } = options.user
  const request: ContainerCreateOptions = {
    Image: options.image,
    Hostname: 'drydock',
    // The watchdog: it ends with its standard input, and the container with it. It runs as somebody whom the work
    // inside may not signal.
    Entrypoint: ['cat'],
    Cmd: [],
    User: uid === 0 ? '65534:65534' : '0:0',
    OpenStdin: true,
    StdinOnce: true,
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
    WorkingDir: '/',
    Env: Object.entries({ ...environment, ...options.env }).map(([name, value]) => `${name}=${value}`),
    Labels: labels,
    HostConfig: {
      ...hostConfig(options.limits),
      Mounts: mounts({ ...options, files: identity }, labels),
    },
  }
  try {
    return await engine.docker.createContainer(request)
  } catch (error) {
    throw refused('made', options.image, error)
  }
}

/** What every process inside starts with. Nothing of the host's environment is in it. */
const environment: Record<string, string> = {
  HOME: homeInside,
  LANG: 'C.UTF-8',
  PAGER: 'cat',
  GIT_PAGER: 'cat',
  GIT_TERMINAL_PROMPT: '0',
  // Without capabilities nobody inside may give files away, root included.
  TAR_OPTIONS: '--no-same-owner',
}

async function attach(container: Container): Promise<Duplex> {
  const options = { stream: true, stdin: true, stdout: true, stderr: true, hijack: true }
  const stream = (await container.attach(options)) as Duplex
  // Nothing comes, but an unread stream would not tell that it has ended.
  stream.resume()
  stream.on('error', () => stream.destroy())
  return stream
}

class ContainerSandbox implements Sandbox {
  readonly label: string
  readonly files: Files
  private readonly container: Container
  private readonly attached: Duplex
  private readonly user: string
  private readonly project: string
  private readonly fileChannel: Channel
  /** For ending what runs inside: never behind a large file, and there before the processes' limit is reached. */
  private readonly killChannel: Channel
  private readonly host: string
  private opened: Promise<PersistentShell> | undefined
  private readonly lostListeners = new Set<(failure: Failure) => void>()
  private disposing: Promise<void> | undefined
  private lost: Failure | undefined

  constructor(engine: Engine, container: Container, attached: Duplex, options: ContainerOptions) {
    this.label = options.label ?? `docker · ${options.image}`
    this.container = container
    this.attached = attached
    this.user = `${options.user.uid}:${options.user.gid}`
    this.project = options.project
    this.fileChannel = this.channel()
    this.killChannel = this.channel()
    this.files = new ChannelFiles(this.fileChannel)
    this.host = engine.host
    attached.on('close', () => this.ended())
    this.fileChannel.warm()
    this.killChannel.warm()
  }

  shell(size: Size = { cols: 120, rows: 40 }): Promise<Shell> {
    if (this.over) return Promise.reject(this.over)
    this.opened ??= this.openShell(size).catch((error: unknown) => {
      this.opened = undefined
      throw error
    })
    return this.opened
  }

  run(argv: string[], options: RunOptions): Promise<Exit> {
    if (this.over) return Promise.reject(this.over)
    return runProgram(this.container, argv, {
      ...options,
      user: this.user,
      cwd: options.cwd ?? this.project,
      kill: (tag, session) => this.killChannel.ask({ line: `kill ${tag} ${session}` }),
    })
  }

  async stream(argv: string[]): Promise<Duplex> {
    if (this.over) throw this.over
    try {
      return await streamExec(this.container, { argv, user: this.user, cwd: this.project })
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message.trim() : String(cause)
      throw new Failure('sandbox', `The sandbox did not take the program ${argv[0]}: ${reason}`, { cause })
    }
  }

  onLost(listener: (failure: Failure) => void): Disposable {
    this.lostListeners.add(listener)
    return { dispose: () => void this.lostListeners.delete(listener) }
  }

  dispose(): Promise<void> {
    this.disposing ??= this.end()
    return this.disposing
  }

  /** Why nothing can be started any more. */
  private get over(): Failure | undefined {
    if (this.lost !== undefined || this.disposing === undefined) return this.lost
    return new Failure('sandbox', 'The sandbox was closed.')
  }

  private openShell(size: Size): Promise<PersistentShell> {
    return PersistentShell.open({
      host: this.host,
      container: this.container.id,
      user: this.user,
      cwd: this.project,
      size,
      kill: (line) => this.killChannel.ask({ line }),
    })
  }

  private channel(): Channel {
    return new Channel((program) => startExec(this.container, { ...program, user: this.user, cwd: '/' }))
  }

  private async end(): Promise<void> {
    this.opened?.then((shell) => shell.dispose()).catch(() => {})
    await Promise.all([this.fileChannel.close(), this.killChannel.close()])
    await removeContainer(this.container)
    this.attached.destroy()
  }

  private ended(): void {
    if (this.disposing !== undefined || this.lost !== undefined) return
    this.lost = new Failure('sandbox', 'The sandbox has ended by itself: the engine or something inside stopped it.')
    // What it held on the host is given back; the container goes by itself.
    this.dispose().catch(() => {})
    for (const listener of this.lostListeners) listener(this.lost)
  }
}

/** Removes a container with its anonymous volumes, and waits until it is gone. */
async function removeContainer(container: Container): Promise<void> {
  try {
    await container.remove({ force: true, v: true })
  } catch (error) {
    const { statusCode } = error as { statusCode?: number }
    // The engine is removing it by itself: the wait ends when it has.
    if (statusCode === 409) await container.wait({ condition: 'removed' }).catch(() => {})
    else if (statusCode !== 404) {
      throw new Failure('engine', `The sandbox's container could not be removed: ${(error as Error).message}`, {
        cause: error,
      })
    }
  }
}

function refused(what: string, image: string, cause: unknown): Failure {
  if (cause instanceof Failure) return cause
  if ((cause as { statusCode?: number }).statusCode === 404) {
    return new Failure('image', `The engine does not have the image ${image}.`, { cause })
  }
  const reason = cause instanceof Error ? cause.message.trim() : String(cause)
  return new Failure('sandbox', `The sandbox's container could not be ${what}: ${reason}`, { cause })
}

export type { WorkspaceMount } from './mounts.ts'
