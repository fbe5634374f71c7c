import { statSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '../config/schema.ts'
import type { Disposable } from '../core/dispose.ts'
import { Disposables } from '../core/dispose.ts'
import type { Answer, Job, Port, Question, SandboxState } from '../core/events.ts'
import { Failure, describe } from '../core/failure.ts'
import { type WorkspaceMount, startContainer } from '../sandbox/container.ts'
import { sweep } from '../sandbox/removal.ts'
import { startEmbedded } from '../sandbox/embedded.ts'
import { startLocal } from '../sandbox/local.ts'
import type { Engine } from '../sandbox/engine.ts'
import { engineFailure } from '../sandbox/engine-reason.ts'
import type { EnginePlace } from '../sandbox/find-engine.ts'
import type { ImageChoice } from '../sandbox/image-choice.ts'
import { Network } from '../sandbox/network.ts'
import type { Layer } from '../sandbox/mounts.ts'
import type { ProxyOptions } from '../sandbox/proxy.ts'
import { isOwnImage } from '../sandbox/recipe.ts'
import type { Sandbox } from '../sandbox/sandbox.ts'
import { heed } from '../tools/abort.ts'
import { openWorkspace } from '../workspace/fill.ts'
import { findSecrets } from '../workspace/find-secrets.ts'
import { Following } from '../workspace/git/following.ts'
import type { OwnGit } from '../workspace/git/own.ts'
import { Secrets } from '../workspace/secrets.ts'
import type { HostWorkspace } from '../workspace/host.ts'
import { Live } from '../workspace/live.ts'
import type { Workspace } from '../workspace/workspace.ts'
import { Workspaces, packagesIn } from '../workspace/workspaces.ts'
import { chooseEngine, hostSystem } from './backend.ts'
import { type PreparedImage, prepareImage } from './image.ts'

export interface BenchOptions {
  session: string
  project: string
  config: Config
  /** Which of the project's workspaces; the first that is free where absent. */
  workspace?: string
  /** Where Drydock keeps its own files, and the person's home. */
  dataDir: string
  home: string
  /** The person's PATH: their own tools are part of an embedded sandbox. */
  path: string
  /** Where the engine may be. */
  engine: EnginePlace
  /** The folder with the Dockerfiles. */
  imagesDir: string
  /** The image to work in, as of now: asked for where there is an engine. */
  image(): Promise<ImageChoice>
  /** Values of the variables that the configuration passes in. */
  env: Record<string, string>
  /** The secrets of the project that the person lets into its sandboxes for good. */
  shownSecrets: () => readonly string[]
  /** How requests to the network are decided on; none gets out without it. */
  proxy?: ProxyOptions
  ask(question: Omit<Question, 'id'>, signal: AbortSignal): Promise<Answer>
  /** `workspace`: its name, once it is known. */
  onStatus(state: SandboxState, text: string, workspace?: string): void
  onPorts(ports: Port[]): void
  /** The workspace has followed the project at these paths; `altered`: the changes may not be what they were. */
  onFollowed(workspace: Workspace, paths: readonly string[], altered: boolean): void
  onJobs(jobs: readonly Job[]): void
  /** Hears what does not work although the bench does. */
  onProblem(failure: Failure): void
}

export interface Opened {
  sandbox: Sandbox
  workspace: Workspace
  /** What the workspace is called. */
  name: string
  /** Without a sandbox there is none but this machine's. */
  network?: Network
  git: OwnGit
  following: Disposable
}

/** Whose files the project's are: the person, or, where that is root, the project's owner. */
export function ownerOf(project: string): { uid: number; gid: number } {
  const uid = process.getuid!()
  if (uid !== 0) return { uid, gid: process.getgid!() }
  const { uid: owner, gid } = statSync(project)
  return { uid: owner, gid }
}

/**
 * The sandbox and the workspace of one session. Opened once, in the background; whoever needs
 * it awaits the same opening. An opening that failed is tried again at the next demand.
 */
export class Bench implements Disposable {
  private readonly options: BenchOptions
  private readonly closing = new AbortController()
  private opening: Promise<Opened> | undefined
  private stood: Opened | undefined
  /** What keeps the workspace living with the project, once it watches that. */
  private live: Promise<Live | undefined> | undefined
  private embedded = false
  /** Which workspace it was: that of a bench that was lost is taken up again. */
  private name: string | undefined
  private choice: ImageChoice | undefined
  /** What was given back of a bench that was lost. */
  private cleared: Promise<void> = Promise.resolve()

  constructor(options: BenchOptions) {
    this.options = options
  }

  /** What stands, if it does. */
  get opened(): Opened | undefined {
    return this.stood
  }

  /** The system inside, as far as it is known before the sandbox stands. */
  get platform(): string {
    const { backend, image } = this.options.config.sandbox
    if (this.embedded || backend === 'embedded' || backend === 'local') return hostSystem()
    const own = this.choice ? this.choice.kind === 'own' : image === 'auto' || isOwnImage(image)
    return own ? 'Linux, Debian 12' : 'Linux'
  }

  /** Failure `engine`, `image`, `sandbox`, `busy` or `denied`, each a sentence that says what to do. */
  open(signal: AbortSignal): Promise<Opened> {
    this.opening ??= this.start().catch((cause: unknown) => {
      const error = engineFailure(cause)
      this.opening = undefined
      if (!this.closing.signal.aborted) this.options.onStatus('failed', describe(error).message)
      throw error
    })
    return heed(signal, this.opening)
  }

  async dispose(): Promise<void> {
    this.closing.abort(new Failure('sandbox', 'The session has ended.'))
    await this.opening?.catch(() => undefined)
    await this.clear()
    await this.cleared
  }

  private async clear(): Promise<void> {
    const { stood, live } = this
    this.stood = this.live = undefined
    this.opening = undefined
    await (await live)?.dispose()
    const all = new Disposables()
    if (stood) {
      if (stood.network) all.add(stood.network)
      all.add(stood.workspace)
      all.add(stood.sandbox)
      all.add(stood.following)
    }
    return all.dispose()
  }

  private async start(): Promise<Opened> {
    const { options } = this
    await this.cleared
    const secrets = this.secrets()
    secrets.catch(() => {}) // told where it is waited for
    const local = options.config.sandbox.backend === 'local'
    if (!local) options.onStatus('starting', 'looking for a container engine')
    const engine = await chooseEngine(options.config.sandbox, options.engine)
    this.embedded = engine === undefined
    const image = engine && (await this.prepare(engine))
    if (!local) options.onStatus('starting', `starting the ${engine ? 'container' : 'embedded sandbox'}`)
    const workspaces = await Workspaces.open(options.dataDir, options.project)
    const { name, ...claim } = await workspaces.claim(this.name ?? options.workspace ?? (local ? 'local' : undefined))
    this.name = name
    const { store } = claim
    const owner = ownerOf(options.project)
    const way: { network?: Network; open?: Promise<void> } = {}
    const start = async (mount: WorkspaceMount, masks: Layer): Promise<Sandbox> => {
      if (local && mount.kind === 'bind') return this.startLocal(mount.source, join(store, 'home'), owner)
      await way.network?.dispose()
      const crosses = engine === undefined || (await engine.describe()).here
      const network = await this.openNetwork(join(store, 'run', 'sockets'), owner, crosses)
      way.network = network
      const walls = {
        project: options.project,
        mount,
        masks,
        user: owner,
        home: join(store, 'home'),
        packages: packagesIn(claim.shared),
        runtimeDir: join(store, 'run'),
        sockets: network.folder,
        limits: options.config.sandbox,
        env: { ...options.env, ...network.env },
      }
      const sandbox = engine
        ? await startContainer(engine, {
            ...walls,
            ...image!,
            ownImage: this.ownImage(image),
            session: options.session,
          })
        : await startEmbedded({ ...walls, tools: options })
      way.open = network.attach(sandbox).catch((error: unknown) => options.onProblem(error as Failure))
      return sandbox
    }
    try {
      const opened = await openWorkspace({
        project: options.project,
        ...claim,
        diskLimit: options.config.limits.workspace_disk,
        owner,
        signal: this.closing.signal,
        onStatus: (text) => options.onStatus('starting', text),
        start,
        secrets,
        local,
      })
      const following = new Following(opened.git, opened.sandbox, options.onProblem)
      await Promise.all([way.open, following.start()])
      return this.stand({ ...opened, name, network: way.network, following })
    } catch (error) {
      await way.network?.dispose()
      throw error
    }
  }

  private startLocal(source: string, home: string, user: { uid: number; gid: number }): Promise<Sandbox> {
    const { project, config, env, path, home: person } = this.options
    return startLocal({ project, source, user, home, limits: config.sandbox, env, tools: { path, home: person } })
  }

  /** Sought while the engine is. */
  private async secrets(): Promise<string[]> {
    const { project, config, shownSecrets } = this.options
    const found = await findSecrets(new Secrets(project, config.sandbox.hide))
    return found.filter((path) => !shownSecrets().includes(path))
  }

  private stand(opened: Opened & { workspace: HostWorkspace }): Opened {
    const { options } = this
    this.stood = opened
    this.live = this.follow(opened.workspace)
    opened.sandbox.onLost((failure) => {
      options.onStatus('gone', failure.message)
      options.onPorts([])
      options.onJobs([])
      this.cleared = this.clear().catch(() => undefined) // it is gone: there is little to give back
    })
    opened.workspace.fit().catch((error: unknown) => options.onProblem(error as Failure))
    opened.sandbox.onJobs((jobs) => options.onJobs(jobs))
    options.onStatus('ready', opened.sandbox.label, opened.name)
    return opened
  }

  /** The workspace lives with the project: begun once it stands, and nobody waits for it. */
  private async follow(workspace: HostWorkspace): Promise<Live | undefined> {
    const { project, config, shownSecrets, onFollowed, onProblem } = this.options
    const secrets = new Secrets(project, config.sandbox.hide)
    try {
      return await Live.start({
        workspace,
        onFollowed: (paths, altered) => onFollowed(workspace, paths, altered),
        isSecret: (path) => secrets.isSecret(path) && !shownSecrets().includes(path),
        onProblem,
      })
    } catch (error) {
      onProblem(error as Failure)
      return undefined
    }
  }

  /** Of an image that the person or the project chose nothing is run outside of the sandbox. */
  private ownImage(image: PreparedImage | undefined): string | undefined {
    return this.choice?.kind === 'own' ? image?.image : undefined
  }

  private openNetwork(folder: string, owner: { uid: number; gid: number }, crosses: boolean): Promise<Network> {
    const { proxy, config, onPorts, onProblem } = this.options
    return Network.open({ folder, owner, crosses, proxy, services: config.sandbox.services, onPorts, onProblem })
  }

  /** Clears away what earlier sessions left in the engine, and gives the image to run. */
  private async prepare(engine: Engine): Promise<PreparedImage> {
    // Awaited: what is left may still have hold of this workspace.
    await sweep(engine)
    const { onStatus, image } = this.options
    this.choice = await image()
    const { choice } = this
    if (choice.kind !== 'own' && choice.ignored.length > 0)
      onStatus('starting', `devcontainer.json: not followed: ${choice.ignored.join(', ')}`)
    const { hide } = this.options.config.sandbox
    return prepareImage(engine, choice, { ...this.options, hide, signal: this.closing.signal })
  }
}
