import { createAgent, type Agent, type AgentParts } from '../../lib/agent/agent.ts'
import { askPerson, type Answerer } from '../../lib/agent/answerers.ts'
import { Approvals } from '../../lib/agent/approval.ts'
import { History } from '../../lib/agent/history.ts'
import { publisher, type Log } from '../../lib/agent/publish.ts'
import type { Model } from '../../lib/agent/turn.ts'
import type { Config } from '../../lib/config/schema.ts'
import { Bus } from '../../lib/core/bus.ts'
import type { Failure } from '../../lib/core/failure.ts'
import type { Checkpoint, Restoration } from '../../lib/core/checkpoints.ts'
import type { ApplyReport, Change, FileDiff, Selection } from '../../lib/core/changes.ts'
import type { Events, Facts, Risk } from '../../lib/core/events.ts'
import type { Delta, ModelRequest, Provider } from '../../lib/llm/provider.ts'
import type { Sandbox } from '../../lib/sandbox/sandbox.ts'
import { createRegistry } from '../../lib/tools/registry.ts'
import type { Tool, ToolContext, ToolResult } from '../../lib/tools/tool.ts'
import type { ApplyOptions, Workspace } from '../../lib/workspace/workspace.ts'

export type Answer = Delta[] | ((request: ModelRequest, signal: AbortSignal) => AsyncIterable<Delta>)
export type Heard = { [K in keyof Facts]: [K, Facts[K]] }[keyof Facts]

/** A model that gives the answers it was made with, one after the other. */
export class ScriptedProvider implements Provider {
  readonly name = 'fake'
  readonly requests: ModelRequest[] = []
  private readonly answers: Answer[]

  constructor(answers: Answer[]) {
    this.answers = answers
  }

  async *stream(request: ModelRequest, signal: AbortSignal): AsyncGenerator<Delta> {
    this.requests.push(request)
    const answer = this.answers.shift() ?? says('ok')
    yield* typeof answer === 'function' ? answer(request, signal) : answer
  }

  async complete(): Promise<never> {
    throw new Error('never asked for')
  }
}

export function says(text: string): Delta[] {
  return [
    { type: 'text', part: 0, text },
    { type: 'usage', usage: { input: 10, output: 5 } },
    { type: 'stop', reason: 'end' },
  ]
}

/** An answer that makes calls, each `[id, name, arguments]`. */
export function callsFor(...calls: [id: string, name: string, args: unknown][]): Delta[] {
  return [
    ...calls.map(([id, name, args], part): Delta => ({
      type: 'call',
      part,
      id,
      name,
      arguments: typeof args === 'string' ? args : JSON.stringify(args),
    })),
    { type: 'stop', reason: 'calls' },
  ]
}

/** Never goes on, whatever the signal does. */
export function never<T>(): Promise<T> {
  return new Promise(() => {})
}

export class FakeWorkspace implements Workspace {
  readonly root = '/project'
  readonly acts: string[] = []
  now: Change[] = []
  kept: Checkpoint[] = []
  restoration: Omit<Restoration, 'checkpoint'> = { workspace: [], project: [], left: [] }
  report: ApplyReport = { applied: [], conflicts: [], refused: [] }

  async changes(): Promise<Change[]> {
    return [...this.now]
  }

  async apply(_selection?: Selection, _options: ApplyOptions = {}): Promise<ApplyReport> {
    const report = { ...this.report, applied: this.now.map(({ path }) => path) }
    this.acts.push(`apply ${report.applied.join(' ')}`)
    this.now = []
    return report
  }

  async discard(): Promise<{ paths: string[]; checkpoint: string }> {
    const paths = this.now.map(({ path }) => path)
    this.acts.push(`discard ${paths.join(' ')}`)
    this.now = []
    return { paths, checkpoint: 'kept' }
  }

  async checkpoint(): Promise<string> {
    this.acts.push('checkpoint')
    return 'kept'
  }

  async ignored(): Promise<string[]> {
    return []
  }

  readonly came = new Map<string, number>()

  arrivals(path: string): number {
    return this.came.get(path) ?? 0
  }

  masks = new Set<string>()

  masked(path: string): boolean {
    return this.masks.has(path)
  }

  async show(path: string): Promise<void> {
    this.acts.push(`show ${path}`)
    this.masks.delete(path)
  }

  async hide(path: string): Promise<void> {
    this.acts.push(`hide ${path}`)
    this.masks.add(path)
  }

  async diff(path: string): Promise<FileDiff> {
    return { change: change(path), hunks: [], note: 'As it is.' }
  }

  async restore(): Promise<void> {}

  async checkpoints(): Promise<Checkpoint[]> {
    return this.kept
  }

  async undoing(checkpoint: string): Promise<Restoration> {
    return { checkpoint, ...this.restoration }
  }

  async undo(checkpoint: string): Promise<Restoration> {
    this.acts.push(`undo ${checkpoint}`)
    return { checkpoint, ...this.restoration }
  }

  /** What was said of whether something is at work. */
  readonly said: boolean[] = []

  async atWork(on: boolean): Promise<void> {
    this.said.push(on)
  }

  full: Failure | undefined

  async fit(): Promise<void> {
    if (this.full) throw this.full
  }

  dispose(): void {}
}

export function change(path: string): Change {
  return { path, kind: 'changed', type: 'file', size: 1, binary: false, drifted: false }
}

export function tool(
  name: string,
  risk: Risk,
  execute: (args: Record<string, unknown>, context: ToolContext) => Promise<ToolResult> | ToolResult,
): Tool<unknown> {
  return {
    name,
    description: `The tool ${name}.`,
    schema: { type: 'object' },
    risk: () => risk,
    summary: (args) => JSON.stringify(args),
    execute: async (args, context) => execute(args as Record<string, unknown>, context),
  }
}

export const allowAll: Config['policy'] = {
  read: 'allow',
  write: 'allow',
  run: 'allow',
  network: 'ask',
  project: 'ask',
  discard: 'ask',
  secrets: 'ask',
}

export interface RigOptions extends Partial<Omit<AgentParts, 'model'>> {
  answers?: Answer[]
  model?: Partial<Model>
  tools?: Tool<unknown>[]
  answerer?: (bus: Bus) => Answerer
  /** Hears of every fact first; may throw. */
  append?: (name: keyof Facts, payload: unknown) => void
}

export interface Rig {
  bus: Bus
  agent: Agent
  provider: ScriptedProvider
  history: History
  workspace: FakeWorkspace
  approvals: Approvals
  /** Every fact, in order. */
  heard: Heard[]
  /** The names of the facts, in order. */
  names(): string[]
  of<K extends keyof Facts>(name: K): Facts[K][]
  until<K extends keyof Facts>(name: K, which?: (payload: Facts[K]) => boolean): Promise<Facts[K]>
  /** Emits the intent and waits for the end of the next turn that ends. */
  turn<K extends keyof Events>(name: K, intent: Events[K]): Promise<Facts['turn.ended']>
  prompt(text?: string): Promise<Facts['turn.ended']>
}

/** A sandbox of which nothing is wanted but that it is there. */
const answering = { files: { stat: async () => ({ name: '.', type: 'directory' }) } } as unknown as Sandbox

/** An agent with a handwritten model, tools and bench on a real bus and a real registry. The clock stands still at 1000. */
export function rig(options: RigOptions = {}): Rig {
  const bus = new Bus((error) => {
    throw error
  })
  const heard: Heard[] = []
  const log: Log = { append: (name, payload) => options.append?.(name, payload) }
  const intents =
    /^(prompt\.submit|command\.submit|turn\.cancel|approval\.answer|\w+\.choose|changes\.(apply|discard)|turn\.undo|app\.quit)$/
  bus.onAny((name, payload) => {
    if (!intents.test(name)) heard.push([name, structuredClone(payload)] as unknown as Heard)
  })
  const publish = publisher(bus, log)
  const provider = new ScriptedProvider(options.answers ?? [])
  const workspace = new FakeWorkspace()
  const history = options.history ?? new History()
  const policy = options.policy ?? (() => allowAll)
  const approvals = new Approvals({
    publish,
    answerer: (options.answerer ?? askPerson)(bus),
    policy,
    remember: () => {},
  })
  const agent = createAgent({
    bus,
    publish,
    registry: createRegistry(options.tools ?? []),
    approvals,
    bench: async () => ({ sandbox: answering, workspace }),
    choose: () => {},
    system: () => 'system',
    limits: () => ({ steps: 20, seconds: 0, cost: 0 }),
    mode: 'review',
    now: () => 1000,
    ...options,
    policy,
    history,
    turns: options.turns ?? 0,
    notes: options.notes ?? [],
    redact: (text) => text,
    keepShown: (path) => void workspace.acts.push(`keep ${path}`),
    model: () => ({ provider, model: 'm', name: 'fake/m', ...options.model }),
  })
  const until: Rig['until'] = (name, which = () => true) =>
    new Promise((resolve) => {
      const hearing = bus.on(name, (payload) => {
        if (!which(payload as never)) return
        hearing.dispose()
        resolve(payload as never)
      })
    })
  const turn: Rig['turn'] = (name, intent) => {
    const ended = until('turn.ended')
    bus.emit(name, intent)
    return ended
  }
  return {
    bus,
    agent,
    provider,
    history,
    workspace,
    approvals,
    heard,
    names: () => heard.map(([name]) => name),
    of: (name) => heard.flatMap(([heardName, payload]) => (heardName === name ? [payload as never] : [])),
    until,
    turn,
    prompt: (text = 'go') => turn('prompt.submit', { text }),
  }
}
