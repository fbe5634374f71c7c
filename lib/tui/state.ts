import type { ApplyReport, Change } from '../core/changes.ts'
import type { Restoration } from '../core/checkpoints.ts'
import type { Events, Facts, Job, Mode, PlanStep, Port, Question, SetupChoice } from '../core/events.ts'
import { installHints } from '../core/install.ts'
import type { AssistantMessage } from '../core/messages.ts'
import { count } from './format/tokens.ts'
import { counted, type Measured, nothingMeasured, sampled } from './monitor/measured.ts'
import { packed } from './packed.ts'

export type ToolState = 'running' | 'waiting' | 'ok' | 'failed'

/** One thing in the conversation. `key` is unique, rises, and stays the entry's own for life. */
export type Entry =
  | { kind: 'prompt'; key: number; text: string; command: boolean }
  | { kind: 'text'; key: number; text: string }
  | { kind: 'thought'; key: number; text: string }
  | ToolEntry
  | { kind: 'notice'; key: number; sign: Sign; text: string }

export interface ToolEntry {
  kind: 'tool'
  key: number
  id: string
  name: string
  /** What it is called on: a path, a command. */
  subject: string
  /** All that it was given, as JSON; empty while it is asked about. */
  args: string
  /** What came of it, in a few words. */
  result: string
  state: ToolState
  startedAt: number
  ms?: number
  /** The person's own command, not the model's. */
  own: boolean
  /** The end of what it printed so far; once it ended, its text as the model got it. */
  output: string
}

export type Sign = 'ok' | 'error' | 'waiting' | 'dim'

export interface Turn {
  turn: number
  kind: 'prompt' | 'command'
  startedAt: number
}

export interface State {
  /** Said of a session from before whose log is being read: what there was comes with the next state. */
  recalling?: true
  session?: { id: string; project: string; branch?: string }
  /** There is no sandbox. */
  local: boolean
  model: string
  mode: Mode
  sandbox?: Facts['sandbox.status']
  setup?: SetupChoice[]
  /** What is over, and what the turn at work may still change: kept apart so that a delta copies only the latter. */
  settled: readonly Entry[]
  live: readonly Entry[]
  turn?: Turn
  queue: readonly string[]
  questions: readonly Question[]
  changes: readonly Change[]
  ports: readonly Port[]
  /** What the model intends. */
  plan: readonly PlanStep[]
  /** The end of what the agent's terminal has shown, and how many characters that were in all. */
  terminal: { text: string; end: number }
  keyboard: Facts['keyboard.changed']
  /** What runs in the background of the sandbox. */
  jobs: readonly Job[]
  /** What the sandbox uses, as last heard; undefined while no turn is at work. */
  stats?: Facts['sandbox.stats']
  /** What was used in the last minutes. */
  measured: Measured
  /** What differs and is left out, since the project ignores it. */
  ignored: readonly string[]
  report?: ApplyReport
  usage: { input: number; output: number; costUsd?: number; contextTokens: number; contextLimit?: number }
  /** The key of the next entry. */
  next: number
}

export const initialState: State = Object.freeze({
  local: false,
  model: '',
  mode: 'review' as const,
  settled: [],
  live: [],
  queue: [],
  questions: [],
  changes: [],
  ports: [],
  plan: [],
  terminal: { text: '', end: 0 },
  keyboard: { holder: 'agent' as const, busy: false },
  jobs: [],
  measured: nothingMeasured,
  ignored: [],
  usage: { input: 0, output: 0, contextTokens: 0 },
  next: 0,
})

/** Before the log of a session that is gone on with is read. */
export const recallingState: State = Object.freeze({ ...initialState, recalling: true as const })

const interrupted = 'Interrupted: the program ended before this turn did.'

/** Characters of a running command's output that are kept. */
const outputKept = 16_384
/** Characters of the agent's terminal that are kept: what one sees who opens it late. */
const terminalKept = 131_072

/** The next state after an event. Pure; an event that the screen does not show gives the same object back. */
export function reduce<K extends keyof Events>(state: State, name: K, payload: Events[K]): State {
  const step = (steps as Partial<Record<keyof Events, (state: State, payload: Events[K]) => State>>)[name]
  return step === undefined ? state : step(state, payload)
}

type Steps = { [K in keyof Facts]: (state: State, fact: Facts[K]) => State }

const steps: Steps = {
  'session.opened': (state, { id, project, branch, model, mode, local = false, resumed = false }) => {
    const session = branch === undefined ? { id, project } : { id, project, branch }
    const next = { ...state, local, session, model: model ?? state.model, mode }
    return resumed ? add(next, { kind: 'notice', sign: 'dim', text: 'Taken up again.' }) : next
  },
  'setup.offered': (state, { choices }) => ({ ...state, setup: choices }),
  'sandbox.status': (state, sandbox) => {
    const lost = sandbox.state === 'failed' || sandbox.state === 'gone'
    const next = { ...state, sandbox }
    return lost ? add(next, { kind: 'notice', sign: 'error', text: sandbox.text }) : next
  },
  'model.chosen': (state, { model }) => ({ ...state, model, setup: undefined }),
  'mode.chosen': (state, { mode }) => ({ ...state, mode }),
  'prompt.queued': (state, { text }) => ({ ...state, queue: [...state.queue, text] }),
  'prompt.recalled': (state, { text }) => {
    const at = state.queue.lastIndexOf(text)
    return at < 0 ? state : { ...state, queue: state.queue.toSpliced(at, 1) }
  },
  'turn.started': (state, { turn, kind, prompt, at }) => {
    const queued = state.queue.indexOf(prompt)
    return add(
      {
        ...settle(state),
        turn: { turn, kind, startedAt: at },
        queue: queued < 0 ? state.queue : state.queue.toSpliced(queued, 1),
      },
      { kind: 'prompt', text: prompt, command: kind === 'command' },
    )
  },
  'text.delta': (state, { kind, text }) => {
    const at = state.live.findLastIndex((entry) => entry.kind !== 'notice')
    const last = state.live[at]
    if (last?.kind === kind) return { ...state, live: state.live.with(at, { ...last, text: last.text + text }) }
    return text === '' ? state : add(state, { kind, text })
  },
  'turn.retrying': (state, { attempt, inMs, reason }) => {
    const text = `${reason} Trying again in ${Math.ceil(inMs / 1000)} s (attempt ${attempt}).`
    const before = withoutSpeech(state)
    const last = before.live.at(-1)
    if (last?.kind === 'notice' && last.sign === 'waiting') {
      return withLast(before, { ...last, text })
    }
    return add(before, { kind: 'notice', sign: 'waiting', text })
  },
  'message.added': (state, { message }) => (message.role === 'assistant' ? spoken(state, message) : state),
  'approval.asked': (state, question) => {
    const asking = { ...state, questions: [...state.questions, question] }
    return question.call === undefined ? asking : add(asking, toolEntry(state, question.call, 'waiting', 0))
  },
  'approval.settled': (state, { id }) => ({
    ...state,
    questions: state.questions.filter((question) => question.id !== id),
  }),
  'tool.started': (state, { at, ...call }) => {
    const entry = toolEntry(state, call, 'running', at)
    // A call that was asked about has its line already.
    const asked = state.live.some((one) => one.kind === 'tool' && one.id === call.id && one.state === 'waiting')
    return asked ? changeTool(state, call.id, ({ key }) => ({ ...entry, key })) : add(state, entry)
  },
  'tool.output': (state, { id, text }) =>
    changeTool(state, id, (tool) => ({ ...tool, output: tail(tool.output + text, outputKept) })),
  'tool.ended': (state, { id, ok, summary, text, ms }) =>
    changeTool(state, id, (tool) => ({ ...tool, state: ok ? 'ok' : 'failed', result: summary, output: text, ms })),
  'usage.counted': (state, fact) => ({
    ...state,
    measured: counted(state.measured, fact, state.usage.output, state.next),
    usage: {
      input: state.usage.input + fact.usage.input,
      output: state.usage.output + fact.usage.output,
      costUsd: fact.costUsd === undefined ? state.usage.costUsd : (state.usage.costUsd ?? 0) + fact.costUsd,
      contextTokens: fact.contextTokens,
      contextLimit: fact.contextLimit ?? state.usage.contextLimit,
    },
  }),
  'workspace.changed': (state, { changes, ignored = [] }) => ({ ...state, changes, ignored }),
  // The files are looked at, by whoever shows them.
  'workspace.followed': (state) => state,
  'changes.applied': (state, { report }) => applied({ ...state, report }, report),
  'changes.discarded': (state, { paths }) =>
    add(state, { kind: 'notice', sign: 'dim', text: `Discarded ${count(paths.length, 'file')}: ${paths.join(', ')}` }),
  'commits.fetched': (state, { branch, commits }) =>
    add(state, { kind: 'notice', sign: 'ok', text: `Fetched ${count(commits, 'commit')} as the branch ${branch}` }),
  // The log has it; what the person has to know, they were asked.
  'network.requested': (state) => state,
  'ports.changed': (state, { ports }) => ({ ...state, ports }),
  'plan.changed': (state, { steps: plan }) => ({ ...state, plan }),
  'terminal.output': (state, { text, skipped = false }) => {
    const { end, text: before } = state.terminal
    // A gap, so that whoever has taken in what was before begins anew.
    const shown = skipped ? text : tail(before + text, terminalKept)
    return { ...state, terminal: { text: shown, end: end + text.length + (skipped ? 1 : 0) } }
  },
  'keyboard.changed': (state, keyboard) => ({ ...state, keyboard }),
  'terminal.used': (state, { commands }) => {
    const text = `You ran ${count(commands.length, 'command')} in the terminal: the model hears of it with your next prompt.`
    return add(state, { kind: 'notice', sign: 'dim', text })
  },
  'jobs.changed': (state, { jobs }) => ({ ...state, jobs }),
  'sandbox.stats': (state, stats) => ({
    ...state,
    stats: state.turn === undefined ? undefined : stats,
    measured: sampled(state.measured, stats, state.usage.output, state.live),
  }),
  'checkpoint.kept': (state) => state,
  'turn.undone': undone,
  'turn.ended': (state, { turn, end, failure, ms }) => {
    if (state.turn?.turn !== turn) return state
    const word = end === 'interrupted' ? end : 'cancelled'
    const live = state.live.map((entry) => abandon(entry, ms, word, state.turn))
    const over = settle({ ...state, turn: undefined, stats: undefined, live })
    if (end === 'done') return over
    if (end === 'cancelled') return settle(add(over, { kind: 'notice', sign: 'dim', text: 'Cancelled.' }))
    if (end === 'interrupted') return settle(add(over, { kind: 'notice', sign: 'waiting', text: interrupted }))
    const text = failure?.message ?? (end === 'limit' ? 'A limit was reached.' : 'The turn failed.')
    return settle(add(over, { kind: 'notice', sign: end === 'limit' ? 'waiting' : 'error', text }))
  },
  'app.failed': (state, { failure }) => add(state, { kind: 'notice', sign: 'error', text: failure.message }),
}

/** How many entries the conversation has, and the one at an index from 0. */
export function entryCount(state: State): number {
  return state.settled.length + state.live.length
}

export function entryAt(state: State, index: number): Entry | undefined {
  return index < state.settled.length ? state.settled[index] : state.live[index - state.settled.length]
}

/** True while nothing was asked of the agent yet: all there may be are notices. */
export function isFresh(state: State): boolean {
  return state.recalling !== true && state.turn === undefined && state.settled.every((entry) => entry.kind === 'notice')
}

/** True while a turn is at work or waits. */
export function isWorking(state: State): boolean {
  return state.turn !== undefined || state.queue.length > 0
}

type Unkeyed<E> = E extends Entry ? Omit<E, 'key'> : never

function add(state: State, entry: Unkeyed<Entry>): State {
  const keyed = { ...entry, key: state.next } as Entry
  const next = state.next + 1
  if (state.turn === undefined) return { ...state, settled: [...state.settled, keyed], next }
  return { ...state, live: [...state.live, keyed], next }
}

function withLast(state: State, entry: Entry): State {
  return { ...state, live: state.live.with(state.live.length - 1, entry) }
}

function settle(state: State): State {
  return state.live.length === 0 ? state : { ...state, settled: [...state.settled, ...state.live.map(small)], live: [] }
}

/** A whole answer: what was streamed of it is made to say the same; what was not streamed is added. */
function spoken(state: State, message: AssistantMessage): State {
  const from = speechStart(state)
  const streamed = state.live.slice(from).filter(isSpeech)
  const parts = joined(message)
  const same = parts.length === streamed.length && parts.every((part, i) => part.kind === streamed[i]!.kind)
  if (!same) return parts.reduce<State>((rest, part) => add(rest, part), withoutSpeech(state))
  const said = parts.values()
  const live = state.live.map((entry, at) =>
    at < from || !isSpeech(entry) ? entry : { ...entry, text: said.next().value!.text },
  )
  return { ...state, live }
}

/** Where the text and thoughts begin that were streamed last. Notices may stand among them. */
function speechStart(state: State): number {
  return state.live.findLastIndex((entry) => entry.kind !== 'notice' && !isSpeech(entry)) + 1
}

/** An entry that is over. */
function small(entry: Entry): Entry {
  return entry.kind === 'tool' ? packed(entry, ['output', 'args']) : packed(entry, ['text'])
}

function isSpeech(entry: Entry): entry is Extract<Entry, { kind: 'text' | 'thought' }> {
  return entry.kind === 'text' || entry.kind === 'thought'
}

function withoutSpeech(state: State): State {
  const from = speechStart(state)
  return { ...state, live: state.live.filter((entry, at) => at < from || !isSpeech(entry)) }
}

/** Text and thoughts of a message, neighbours of one kind joined, as deltas would have shown them. */
function joined(message: AssistantMessage): { kind: 'text' | 'thought'; text: string }[] {
  const parts: { kind: 'text' | 'thought'; text: string }[] = []
  for (const part of message.parts) {
    if (part.type === 'call' || part.text === '') continue
    const last = parts.at(-1)
    if (last?.kind === part.type) last.text += part.text
    else parts.push({ kind: part.type, text: part.text })
  }
  return parts
}

function changeTool(state: State, id: string, change: (tool: ToolEntry) => ToolEntry): State {
  const index = state.live.findLastIndex((entry) => entry.kind === 'tool' && entry.id === id)
  if (index < 0) return state
  return { ...state, live: state.live.with(index, change(state.live[index] as ToolEntry)) }
}

function toolEntry(
  state: State,
  { id, name, summary, arguments: args = '' }: { id: string; name: string; summary: string; arguments?: string },
  as: ToolState,
  startedAt: number,
): Omit<ToolEntry, 'key'> {
  const own = state.turn?.kind === 'command'
  return { kind: 'tool', id, name, subject: summary, args, result: '', state: as, startedAt, own, output: '' }
}

/** A call that its turn's end overtook. */
function abandon(entry: Entry, ms: number, result: string, turn: Turn | undefined): Entry {
  if (entry.kind !== 'tool' || entry.ms !== undefined) return entry
  const waited = turn === undefined || entry.state === 'waiting'
  const spent = waited ? 0 : Math.max(0, turn.startedAt + ms - entry.startedAt)
  return { ...entry, state: 'failed', result, ms: spent }
}

function applied(state: State, report: ApplyReport): State {
  let next = state
  if (report.applied.length > 0) {
    const text = `Applied ${count(report.applied.length, 'file')} to the project: ${report.applied.join(', ')}`
    next = add(next, { kind: 'notice', sign: 'ok', text })
  }
  for (const hint of installHints(report.applied)) next = add(next, { kind: 'notice', sign: 'dim', text: hint })
  for (const { path, reason } of report.conflicts) {
    next = add(next, { kind: 'notice', sign: 'waiting', text: `Conflict in ${path}: ${reason}` })
  }
  for (const { path, reason } of report.refused) {
    next = add(next, { kind: 'notice', sign: 'error', text: `Not applied: ${path}: ${reason}` })
  }
  return next
}

function undone(state: State, { workspace, project, left }: Restoration): State {
  const parts = [`${count(workspace.length, 'file')} of the workspace`]
  if (project.length > 0) parts.push(`${count(project.length, 'file')} of the project: ${project.join(', ')}`)
  const text = `Went to another moment: ${parts.join(', ')}`
  return left.reduce(
    (next, { path, reason }) =>
      add(next, { kind: 'notice', sign: 'waiting', text: `Left as it is: ${path}: ${reason}` }),
    add(state, { kind: 'notice', sign: 'ok', text }),
  )
}

/** Cut now and then rather than each time, so that output costs what it brings and not what there is. */
function tail(output: string, kept: number): string {
  return output.length <= kept * 2 ? output : output.slice(-kept)
}
