import type { ApplyReport, Change } from '../core/changes.ts'
import type { Facts, Job, Mode, PlanStep, Port, Question, SetupChoice } from '../core/events.ts'
import { type Measured, nothingMeasured } from './monitor/measured.ts'

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
