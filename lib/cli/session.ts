import { join } from 'node:path'
import { type Agent, createAgent } from '../agent/agent.ts'
import { Approvals } from '../agent/approval.ts'
import type { Answerer } from '../agent/answerers.ts'
import { History, takenUpNote } from '../agent/history.ts'
import { createSystemPrompt } from '../agent/prompt.ts'
import { type Publish, publisher } from '../agent/publish.ts'
import type { Model } from '../agent/turn.ts'
import { setKey } from '../config/edit.ts'
import { Reach } from '../config/reach.ts'
import type { Config } from '../config/schema.ts'
import type { Bus } from '../core/bus.ts'
import { type Disposable, Disposables } from '../core/dispose.ts'
import type { Mode } from '../core/events.ts'
import { Failure, describe, isAbort } from '../core/failure.ts'
import { type Log, createLog } from '../core/log.ts'
import { Redactor } from '../core/redact.ts'
import { resolveModel } from '../llm/connect.ts'
import { Http } from '../llm/http.ts'
import { beginSession, goOnWith } from '../session/opened.ts'
import type { Past } from '../session/past.ts'
import { createTools } from '../tools/create.ts'
import type { ToolLimits } from '../tools/limits.ts'
import { createRegistry } from '../tools/registry.ts'
import { mainWorkspace } from '../workspace/name.ts'
import { linkTerminal } from './agent-terminal.ts'
import { enginePlace } from './backend.ts'
import { Bench } from './bench.ts'
import { branchOf } from './branch.ts'
import { awaitsTrust, chosenImage } from './chosen-image.ts'
import { fetchOnDemand } from './fetching.ts'
import { createNetworkGate } from './network.ts'
import type { Parts } from './parts.ts'
import { type Settings, configFile, firstModel, readSettings } from './settings.ts'

export interface SessionOptions {
  bus: Bus
  /** The settings, and how to read them again once the person has changed something. */
  settings: Settings
  reread: () => Settings
  answerer: Answerer
  mode: Mode
  /** Which of the project's workspaces; the first that is free where absent. */
  workspace?: string
  /** The session to go on with; a new one where absent. It is the session's from now on, to give back too. */
  past?: Past
  /** Settles once the person was asked about what the project brings; absent where nobody asks. */
  trustAsked?: () => Promise<unknown>
}

/** A session at work: the agent on the bus, and the bench it works at. */
export interface Session extends Disposable {
  readonly id: string
  /** When it was opened, in milliseconds since 1970. */
  readonly at: number
  readonly agent: Agent
  readonly bench: Bench
  readonly approvals: Approvals
  readonly publish: Publish
  readonly http: Http
  readonly log: Log
  /** What holds now. */
  settings(): Settings
  /** Reads the settings again: the person has changed or trusted something. */
  refresh(): void
  /** From now on the secret is in no log. */
  redact(secret: string): void
  /** Takes the known secrets out of a text. */
  redacted(text: string): string
}

export function toolLimits({ limits, ignore }: Config): ToolLimits {
  return { outputBytes: limits.output_bytes, commandSeconds: limits.command_seconds, ignore }
}

/**
 * Links the agent, its log, its tools and its bench to the bus, and publishes `session.opened`. The caller starts the
 * bench and disposes the session. Failure `disk` where the session's log cannot be made.
 */
export async function openSession(parts: Parts, options: SessionOptions): Promise<Session> {
  const { bus, reread, answerer, mode } = options
  const { environment, root } = parts
  let settings = options.settings
  const { project, places } = settings
  const config = () => settings.loaded.config

  // Waited for here: from the agent's first listening to the caller's next step nothing else may happen, or a prompt
  // that the screen held back until then would be heard twice.
  const branch = await branchOf(project)
  const owned = new Disposables()
  const redactor = new Redactor()
  const log = owned.add(createLog({ file: join(places.state, 'drydock.log'), level: config().log.level }))
  const redact = (secret: string) => {
    redactor.add(secret)
    log.redact(secret)
  }
  const { past } = options
  const kept = { redact: (text: string) => redactor.text(text) }
  const begun = past ? goOnWith(past, kept) : beginSession({ dataDir: places.data, project, ...kept })
  const stored = owned.add(await begun)
  const publish = publisher(bus, stored.log)
  const http = owned.add(new Http())

  const keyOf = (provider: string) => {
    const key = settings.credentials.keyFor(provider, config().providers[provider] ?? {})
    if (key !== undefined) redact(key)
    return key
  }
  const connect = (name: string): Model => {
    settings.loaded.checkModel(name)
    return { name, ...resolveModel(name, { config: config(), keyOf, http }) }
  }
  // Known from the beginning: a prompt may hold one before its service was ever asked.
  for (const provider of Object.keys(config().providers)) keyOf(provider)
  let model: string | undefined = firstModel(config(), settings.credentials)

  const local = config().sandbox.backend === 'local'
  // Where nothing holds a command, each wants a yes of its own.
  const policy = () => {
    const own = config().policy
    return local && own.run === 'allow' ? { ...own, run: 'ask' as const } : own
  }
  const approvals = new Approvals({
    publish,
    answerer,
    policy,
    each: (risk) => local && risk === 'run',
    remember: (kind) => {
      setKey(configFile(places), ['policy', kind], 'allow')
      settings = reread()
    },
  })
  const reach = new Reach(join(places.data, 'network.json'))
  const shown = new Reach(join(places.data, 'secrets.json'))
  const { gate } = owned.add(createNetworkGate({ bus, approvals, config, reach, project }))
  const complain = (error: unknown) => publish('app.failed', { failure: describe(error) })
  const bench = owned.add(
    new Bench({
      session: stored.id,
      project,
      config: config(),
      workspace: options.workspace ?? past?.manner.workspace,
      dataDir: places.data,
      home: environment.home,
      path: environment.path,
      engine: enginePlace(environment),
      imagesDir: join(root, 'sandbox-images'),
      shownSecrets: () => shown.of(project),
      image: async () => {
        if (awaitsTrust(settings)) await options.trustAsked?.()
        return chosenImage(settings)
      },
      env: passedIn(config().sandbox.env, environment.key),
      ask: async (question, signal) => (await approvals.ask({ ...question, subject: 'base' }, signal)).answer,
      proxy:
        config().policy.network === 'deny'
          ? undefined
          : { gate, onRequest: (requested) => publish('network.requested', requested) },
      onStatus: (state, text, workspace) =>
        publish('sandbox.status', {
          state,
          text,
          ...(workspace !== undefined && workspace !== mainWorkspace && { workspace }),
        }),
      onPorts: (ports) => publish('ports.changed', { ports }),
      onFollowed: (workspace, paths, altered) => {
        publish('workspace.followed', { paths })
        if (altered) void agent.look(workspace).catch(complain)
      },
      onJobs: (jobs) => publish('jobs.changed', { jobs }),
      onProblem: complain,
    }),
  )
  const systemPrompt = createSystemPrompt(join(root, 'lib', 'agent'))
  const agent = owned.add(
    createAgent({
      bus,
      publish,
      approvals,
      history: new History(past?.messages),
      turns: past?.manner.turns ?? 0,
      notes: past ? [takenUpNote] : [],
      keepShown: (path) => shown.allow(project, path),
      redact: (text) => redactor.text(text),
      mode,
      registry: createRegistry(createTools(toolLimits(config()), join(root, 'lib', 'tools'))),
      bench: (signal) => bench.open(signal),
      model: () => {
        if (model !== undefined) return connect(model)
        throw new Failure(
          'config',
          'No model is chosen: set OPENAI_API_KEY or ANTHROPIC_API_KEY, or `model` in your config, or give --model PROVIDER/MODEL.',
        )
      },
      choose: (name) => {
        connect(name)
        model = name
      },
      system: (present) =>
        systemPrompt({
          mode: present,
          root: bench.opened?.workspace.root ?? project,
          now: Date.now(),
          platform: bench.platform,
          language: config().language,
          instructions: settings.trusted
            .filter(({ kind }) => kind === 'instructions')
            .map(({ name, bytes }) => ({ path: name, text: bytes.toString() })),
        }),
      limits: () => config().limits,
      policy,
      local,
      now: Date.now,
    }),
  )
  owned.add(fetchOnDemand({ bus, publish, approvals, bench, name: stored.id, onFailure: complain }))
  owned.add(bus.on('port.open', ({ port }) => void bench.opened?.network?.open(port).catch(complain)))
  owned.add(linkTerminal({ bus, publish, bench, agent, onFailure: complain }))
  owned.add(bus.on('app.failed', ({ failure }) => log.error(failure.message, { code: failure.code })))
  owned.add(bus.on('turn.ended', ({ turn, end, failure, ms }) => log.info(`turn ${turn} ${end}`, { failure, ms })))

  publish('session.opened', {
    id: stored.id,
    project,
    branch,
    ...(model === undefined ? {} : { model }),
    mode,
    ...(local && { local }),
    ...(past && { resumed: true as const }),
    at: stored.at,
  })
  log.info(past ? 'session taken up' : 'session opened', { id: stored.id, project, model, version: parts.version })

  return {
    id: stored.id,
    at: stored.at,
    agent,
    bench,
    approvals,
    publish,
    http,
    log,
    settings: () => settings,
    refresh: () => void (settings = reread()),
    redacted: (text) => redactor.text(text),
    redact,
    dispose: () => owned.dispose(),
  }
}

/** A function that reads the same settings again. */
export function rereading(parts: Parts, options: Parameters<typeof readSettings>[1]): () => Settings {
  return () => readSettings(parts, options)
}

/** Starts the bench in the background and says what already differs; what fails there is on the status line. */
export async function startBench({ agent, bench, publish }: Session, signal: AbortSignal): Promise<void> {
  try {
    const { workspace } = await bench.open(signal)
    await agent.look(workspace)
  } catch (error) {
    // The bench has said it as its status; the next demand tries again.
    if (!(error instanceof Failure) && !signal.aborted) publish('app.failed', { failure: describe(error) })
  }
}

function passedIn(names: readonly string[], valueOf: (name: string) => string | undefined): Record<string, string> {
  return Object.fromEntries(names.flatMap((name) => (valueOf(name) === undefined ? [] : [[name, valueOf(name)!]])))
}

/** Runs beside the person what nobody waits for: a failure is told to them, but for one that the session's end made. */
export function runBeside({ publish }: Session, tasks: readonly Promise<unknown>[], signal: AbortSignal): void {
  for (const task of tasks)
    task.catch((error: unknown) => {
      if (!isAbort(error, signal)) publish('app.failed', { failure: describe(error) })
    })
}
