import type { Duplex } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import type { Container, ContainerCreateOptions } from 'dockerode'
import { Failure } from '../core/failure.ts'
import { EnclosedSandbox } from './enclosed.ts'
import type { Enclosure, Exec, Hear, Program, TerminalCommand } from './enclosure.ts'
import type { Engine } from './engine.ts'
import { startExec, streamExec } from './exec.ts'
import { type Identity, writeIdentity } from './identity.ts'
import { type Limits, hostConfig } from './limits.ts'
import { type HostFile, type Layer, type WorkspaceMount, filledFolders, mounts } from './mounts.ts'
import { isOrphan, ownedLabel, ownerLabels, thisProcess } from './owner.ts'
import type { Sandbox } from './sandbox.ts'
import { variables } from './variables.ts'

export interface ContainerOptions {
  image: string
  session: string
  /** Absolute path of the project: read-only at /project, and where the workspace is inside. */
  project: string
  mount: WorkspaceMount
  /** What lies over the project, wherever that is seen inside. */
  masks?: Layer
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
    return new EnclosedSandbox(new ContainerEnclosure(engine, container, attached, options), options.project)
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
    Env: Object.entries({ ...variables, ...options.env }).map(([name, value]) => `${name}=${value}`),
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

async function attach(container: Container): Promise<Duplex> {
  const options = { stream: true, stdin: true, stdout: true, stderr: true, hijack: true }
  const stream = (await container.attach(options)) as Duplex
  // Nothing comes, but an unread stream would not tell that it has ended.
  stream.resume()
  stream.on('error', () => stream.destroy())
  return stream
}

/** A container that runs, behind the stream that keeps it alive. */
class ContainerEnclosure implements Enclosure {
  readonly label: string
  readonly ended: Promise<void>
  readonly limits: Limits
  readonly folders: readonly string[]
  private readonly engine: Engine
  private readonly container: Container
  private readonly attached: Duplex
  /** `uid:gid`. */
  private readonly user: string

  constructor(engine: Engine, container: Container, attached: Duplex, options: ContainerOptions) {
    this.label = options.label ?? `docker · ${options.image}`
    this.limits = options.limits
    this.folders = engine.local ? filledFolders(options) : []
    this.engine = engine
    this.container = container
    this.attached = attached
    this.user = `${options.user.uid}:${options.user.gid}`
    this.ended = new Promise((resolve) => void attached.on('close', resolve))
  }

  start(program: Program, hear: Hear): Promise<Exec> {
    return startExec(this.container, this.user, program, hear)
  }

  stream(program: Program): Promise<Duplex> {
    return streamExec(this.container, this.user, program)
  }

  terminal({ argv, cwd, env = {} }: Program): TerminalCommand {
    const args = ['-H', this.engine.host, 'exec', '-it', '--detach-keys', 'ctrl-@,ctrl-_,ctrl-@,ctrl-_']
    // Where the work stands only its own shell may look up: an engine that is told of a link made for it may follow it out.
    args.push('--user', this.user, '--workdir', '/')
    args.push(...Object.entries(env).flatMap(([name, value]) => ['--env', `${name}=${value}`]))
    args.push(this.container.id, 'env', `--chdir=${cwd}`, '--', ...argv)
    return { file: 'docker', args, advice: 'Drydock needs the docker command on the PATH.' }
  }

  async remove(): Promise<void> {
    await removeContainer(this.container)
    this.attached.destroy()
  }
}

/** Milliseconds that an engine may take to remove a container which it is removing by itself, and between two looks. */
const removalMs = 10_000
const lookMs = 20

/** Removes a container with its anonymous volumes, and waits until it is gone. */
async function removeContainer(container: Container): Promise<void> {
  try {
    await container.remove({ force: true, v: true })
  } catch (error) {
    const status = statusOf(error)
    // The engine is removing it by itself.
    if (status === 409) await untilGone(container)
    else if (status !== 404) {
      throw new Failure('engine', `The sandbox's container could not be removed: ${(error as Error).message}`, {
        cause: error,
      })
    }
  }
}

/** Looked for rather than waited for: an engine's wait for a removal never ends where it began as that ended. */
async function untilGone(container: Container): Promise<void> {
  const deadline = Date.now() + removalMs
  while (Date.now() < deadline) {
    const there = await container.inspect().catch((error: unknown) => {
      if (statusOf(error) === 404) return undefined
      throw error
    })
    if (there === undefined) return
    await delay(lookMs)
  }
  throw new Failure('engine', `The engine does not finish removing the sandbox's container ${container.id}.`)
}

function statusOf(error: unknown): number | undefined {
  return (error as { statusCode?: number }).statusCode
}

function refused(what: string, image: string, cause: unknown): Failure {
  if (cause instanceof Failure) return cause
  if (statusOf(cause) === 404) {
    return new Failure('image', `The engine does not have the image ${image}.`, { cause })
  }
  const reason = cause instanceof Error ? cause.message.trim() : String(cause)
  return new Failure('sandbox', `The sandbox's container could not be ${what}: ${reason}`, { cause })
}

export type { WorkspaceMount } from './mounts.ts'
