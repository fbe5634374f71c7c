import { chmod } from 'node:fs/promises'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import type { Container, ContainerCreateOptions } from 'dockerode'
import { Failure } from '../core/failure.ts'
import { EnclosedSandbox } from './enclosed.ts'
import type { Enclosure, Exec, Hear, Program, TerminalCommand } from './enclosure.ts'
import type { Engine } from './engine.ts'
import type { EngineFacts } from './engine-facts.ts'
import { engineReason } from './engine-reason.ts'
import { Execs } from './exec.ts'
import { type Identity, writeIdentity } from './identity.ts'
import { type Limits, hostConfig, lacks } from './limits.ts'
import { type Shown, filledFolders, mounts } from './mounts.ts'
import { createContainer } from './podman.ts'
import { ownerLabels, thisProcess } from './owner.ts'
import { removeContainer } from './removal.ts'
import { refresher } from './refresh.ts'
import type { Sandbox } from './sandbox.ts'
import { variablesFor } from './variables.ts'

/**
 * The first process of a container: it ends with its standard input, and the container with it. What loses its parent
 * inside is reaped by bash itself.
 */
const watchdog = 'trap exit TERM; cat <&0 & wait "$!"'

export interface ContainerOptions extends Shown {
  image: string
  session: string
  /** Who works inside: the person, or the project's owner where the person is root. */
  user: Identity
  /** Folder of the host for what is generated for this container; made where it is missing, left to the caller. */
  runtimeDir: string
  limits: Limits
  /** The only variables of the host that go inside. */
  env: Record<string, string>
  /** What to call the image on the status line; its name where absent. */
  title?: string
  /** An image whose programs are ours: it may be used for what the person's own image is not trusted with. */
  ownImage?: string
}

/**
 * Starts a container for one session. It lives as long as this process keeps its end of the container's standard input:
 * when that goes, by SIGKILL too, the engine removes it.
 *
 * Errors: `Failure` `image` where the engine does not have the image, `sandbox` where it refuses to make or start the
 * container, an overlay that it cannot mount included.
 */
export async function startContainer(engine: Engine, options: ContainerOptions): Promise<Sandbox> {
  const facts = await engine.describe()
  if (options.mount.kind === 'overlay' && !facts.here)
    throw new Failure('sandbox', 'The engine is not on this machine itself: what is written in an overlay stays there.')
  const inside = userInside(facts, options.user)
  const labels = ownerLabels(options.session, await thisProcess())
  const made = create(engine, facts, { ...options, labels }, inside)
  const [command, container] = await Promise.all([engine.terminalCommand(), made])
  let attached: Duplex | undefined
  try {
    attached = await attach(container)
    await container.start()
    const label = labelOf(facts, options.title ?? options.image)
    const { here, unheld } = facts
    const refresh =
      options.mount.kind === 'overlay' ? await refresher(engine, container, { ...options, here, labels }) : undefined
    const about = { ...options, label, inside, here, unheld, host: engine.host, command, refresh }
    return new EnclosedSandbox(new ContainerEnclosure(container, attached, about), options.project)
  } catch (error) {
    await removeContainer(container)
    attached?.destroy()
    throw refused('started', error)
  }
}

/** Who somebody of this machine is in the engine's containers: in one without root, whoever it belongs to is root. */
export function userInside({ rootless }: Pick<EngineFacts, 'rootless'>, user: Identity): Identity {
  return rootless ? { uid: 0, gid: 0 } : user
}

/** `podman · IMAGE`, and what it holds less than it should. */
function labelOf(facts: EngineFacts, image: string): string {
  return [`${facts.name.toLowerCase()} · ${image}`, ...lacks(facts)].join(', ')
}

async function create(
  engine: Engine,
  facts: EngineFacts,
  options: ContainerOptions & { labels: Record<string, string> },
  inside: Identity,
): Promise<Container> {
  const files = await writeIdentity({ ...options, inside })
  const { labels } = options
  const request: ContainerCreateOptions = {
    Image: options.image,
    Hostname: 'drydock',
    // As somebody whom the work inside may not signal.
    Entrypoint: ['bash', '--norc', '--noprofile', '-c', watchdog],
    Cmd: [],
    User: inside.uid === 0 ? '65534:65534' : '0:0',
    OpenStdin: true,
    StdinOnce: true,
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
    WorkingDir: '/',
    Env: Object.entries({ ...variablesFor(options), ...options.env }).map(([name, value]) => `${name}=${value}`),
    Labels: labels,
    HostConfig: {
      ...hostConfig(options.limits, facts),
      Mounts: mounts({ ...options, files }, labels),
    },
  }
  try {
    return await createContainer(engine, request)
  } catch (error) {
    if (await engine.hasImage(options.image)) throw refused('made', error)
    throw new Failure('image', `The engine does not have the image ${options.image}.`, { cause: error })
  }
}

async function attach(container: Container): Promise<Duplex> {
  const failed = new AbortController()
  const options = { stream: true, stdin: true, stdout: true, stderr: true, hijack: true, abortSignal: failed.signal }
  const stream = (await container.attach(options).catch((error: unknown) => {
    // The request has no end of its own, and would keep its connection although it was refused.
    failed.abort()
    throw error
  })) as Duplex
  // Nothing comes, but an unread stream would not tell that it has ended.
  stream.resume()
  stream.on('error', () => stream.destroy())
  return stream
}

interface EnclosureOptions extends ContainerOptions {
  label: string
  /** Who the user is inside. */
  inside: Identity
  /** Whether the engine is on this machine itself; its address; and the command that opens terminals in its containers. */
  here: boolean
  host: string
  command: 'docker' | 'podman' | undefined
  refresh?: () => Promise<void>
  /** The limits that the engine cannot hold. */
  unheld: EngineFacts['unheld']
}

/** A container that runs, behind the stream that keeps it alive. */
class ContainerEnclosure implements Enclosure {
  readonly label: string
  readonly ended: Promise<void>
  readonly limits: Limits
  readonly folders: readonly string[]
  private readonly container: Container
  private readonly attached: Duplex
  private readonly options: EnclosureOptions
  private readonly execs: Execs
  /** `uid:gid`. */
  private readonly user: string
  readonly refresh: (() => Promise<void>) | undefined

  constructor(container: Container, attached: Duplex, options: EnclosureOptions) {
    this.label = options.label
    this.refresh = options.refresh
    this.limits = options.limits
    this.folders = options.here ? filledFolders(options) : []
    this.container = container
    this.attached = attached
    this.options = options
    this.user = `${options.inside.uid}:${options.inside.gid}`
    this.execs = new Execs(container, this.user)
    this.ended = new Promise((resolve) => void attached.on('close', resolve))
    void this.ended.then(() => this.execs.drop())
  }

  gauges(): Promise<Map<string, string>> | undefined {
    // What is to be seen inside is then not this container's own.
    return this.options.unheld.length > 0 ? Promise.resolve(new Map()) : undefined
  }

  start(program: Program, hear: Hear): Promise<Exec> {
    return this.execs.start(program, hear)
  }

  stream(program: Program): Promise<Duplex> {
    return this.execs.stream(program)
  }

  terminal({ argv, cwd, env = {} }: Program): TerminalCommand {
    const { host, command = 'docker' } = this.options
    const args = [command === 'podman' ? '--url' : '-H', host, 'exec', '-it']
    args.push('--detach-keys', 'ctrl-@,ctrl-_,ctrl-@,ctrl-_')
    // Where the work stands only its own shell may look up: an engine that is told of a link made for it may follow it out.
    args.push('--user', this.user, '--workdir', '/')
    args.push(...Object.entries(env).flatMap(([name, value]) => ['--env', `${name}=${value}`]))
    args.push(this.container.id, 'env', `--chdir=${cwd}`, '--', ...argv)
    return { file: command, args, advice: `Drydock needs the ${command} command on the PATH.` }
  }

  async remove(): Promise<void> {
    await removeContainer(this.container)
    this.execs.drop()
    this.attached.destroy()
    const { mount } = this.options
    // The kernel leaves a folder there that even its owner may not look into.
    if (mount.kind === 'overlay') await chmod(join(mount.work, 'work'), 0o700).catch(() => {})
  }
}

function refused(what: string, cause: unknown): Failure {
  if (cause instanceof Failure) return cause
  return new Failure('sandbox', `The sandbox's container could not be ${what}: ${engineReason(cause)}`, { cause })
}

export type { WorkspaceMount } from './mounts.ts'
