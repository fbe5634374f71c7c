import type { AssistantMessage } from '../core/messages.ts'
import { packed } from './packed.ts'
import type { Entry, State, ToolEntry, ToolState, Turn } from './state.ts'

/** How the conversation grows: what is added to the entries of a state, and what becomes of them. All pure. */

type Unkeyed<E> = E extends Entry ? Omit<E, 'key'> : never

/** Another entry, the last: of the turn at work, or where there is none of what is over. */
export function add(state: State, entry: Unkeyed<Entry>): State {
  const keyed = { ...entry, key: state.next } as Entry
  const next = state.next + 1
  if (state.turn === undefined) return { ...state, settled: [...state.settled, keyed], next }
  return { ...state, live: [...state.live, keyed], next }
}

/** Another entry in place of the last of the turn at work. */
export function withLast(state: State, entry: Entry): State {
  return { ...state, live: state.live.with(state.live.length - 1, entry) }
}

/** What the turn has brought is over, and kept small. */
export function settle(state: State): State {
  return state.live.length === 0 ? state : { ...state, settled: [...state.settled, ...state.live.map(small)], live: [] }
}

/** A whole answer: what was streamed of it is made to say the same; what was not streamed is added. */
export function spoken(state: State, message: AssistantMessage): State {
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

/** Without the text and thoughts that were streamed last. */
export function withoutSpeech(state: State): State {
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

/** The entry of a call of the turn at work as `change` makes it; the same state where there is none. */
export function changeTool(state: State, id: string, change: (tool: ToolEntry) => ToolEntry): State {
  const index = state.live.findLastIndex((entry) => entry.kind === 'tool' && entry.id === id)
  if (index < 0) return state
  return { ...state, live: state.live.with(index, change(state.live[index] as ToolEntry)) }
}

/** A call's entry at its beginning; `startedAt` in milliseconds since 1970. */
export function toolEntry(
  state: State,
  { id, name, summary, arguments: args = '' }: { id: string; name: string; summary: string; arguments?: string },
  as: ToolState,
  startedAt: number,
): Omit<ToolEntry, 'key'> {
  const own = state.turn?.kind === 'command'
  return { kind: 'tool', id, name, subject: summary, args, result: '', state: as, startedAt, own, output: '' }
}

/** A call that its turn's end overtook, `ms` milliseconds after the turn began. */
export function abandon(entry: Entry, ms: number, result: string, turn: Turn | undefined): Entry {
  if (entry.kind !== 'tool' || entry.ms !== undefined) return entry
  const waited = turn === undefined || entry.state === 'waiting'
  const spent = waited ? 0 : Math.max(0, turn.startedAt + ms - entry.startedAt)
  return { ...entry, state: 'failed', result, ms: spent }
}
