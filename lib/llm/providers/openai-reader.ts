import { Failure } from '../../core/failure.ts'
import type { Opaque, StopReason, Usage } from '../../core/messages.ts'
import { count, list, record, string, type Json } from '../json.ts'
import type { Delta } from '../provider.ts'
import { readError, serviceFailure, type Voice } from '../service-error.ts'
import { endedTooSoon, endless, largestAnswer, noAnswer, parseJson, type AnswerReader } from '../wire.ts'

/** A tool call whose pieces are coming in. */
interface OpenCall {
  part: number
  id: string
  named: boolean
  hasArguments: boolean
}

/** Which field a service's thoughts come in, and so have to be given back in. */
type ThoughtField = 'reasoning' | 'reasoning_content' | 'thinking'

const stops = new Map<string, StopReason>([
  ['length', 'length'],
  ['max_tokens', 'length'],
  ['model_length', 'length'],
  ['content_filter', 'refused'],
  ['refusal', 'refused'],
])

/**
 * Reads chat completions as the services of this protocol really send them:
 * - usage in a last chunk of its own, beside the last choice, or inside the choice;
 * - tool calls in pieces or whole, with an index, with the same index for each, or with none; with or without ids;
 * - thoughts in `reasoning`, `reasoning_content`, `reasoning_details` or a content list (Mistral);
 * - errors in the middle of a stream.
 *
 * An answer is complete with a finish_reason, and then with `[DONE]` or a clean end of the body.
 */
export class OpenaiReader implements AnswerReader {
  done = false
  private readonly voice: Voice
  private finish = ''
  private refused = false
  private parts = 0
  /** The text or thought that further pieces belong to. */
  private open?: { type: 'text' | 'thought'; part: number; field?: ThoughtField }
  private readonly calls: OpenCall[] = []
  private readonly byIndex = new Map<number, OpenCall>()
  private details: Json[] = []
  private detailsSize = 0
  private detailsPart?: number

  constructor(voice: Voice) {
    this.voice = voice
  }

  push(data: string): Delta[] {
    if (data === '[DONE]') {
      this.done = true
      return []
    }
    return this.read(record(parseJson(this.voice, data)))
  }

  whole(body: unknown): Delta[] {
    if (list(record(body).choices).length === 0 && !record(body).error) throw noAnswer(this.voice)
    return this.read(record(body))
  }

  end(): Delta[] {
    if (this.finish === '') throw endedTooSoon(this.voice)
    if (this.calls.some(({ named }) => !named)) {
      throw new Failure('protocol', `${this.voice.name} sent a tool call without a name. Try again, or another model.`)
    }
    const deltas: Delta[] = []
    if (this.details.length > 0) {
      const part = this.detailsPart ?? this.parts++
      const opaque = this.opaque({ field: 'reasoning_details', value: this.details })
      deltas.push({ type: 'thought', part, text: '', opaque })
    }
    return [...deltas, { type: 'stop', reason: this.reason() }]
  }

  private read(chunk: Json): Delta[] {
    const choice = record(list(chunk.choices)[0])
    if (chunk.error || choice.error || chunk.object === 'error') {
      throw serviceFailure(this.voice, readError(choice.error ? choice : chunk))
    }
    const deltas: Delta[] = []
    const delta = record(choice.delta ?? choice.message)
    this.readThoughts(delta, deltas)
    if (typeof delta.content === 'string') this.text('text', delta.content, deltas)
    else for (const item of list(delta.content)) this.readContent(record(item), deltas)
    if (string(delta.refusal)) {
      this.refused = true
      this.text('text', string(delta.refusal), deltas)
    }
    for (const call of list(delta.tool_calls)) this.readCall(record(call), deltas)
    const usage = usageOf(record(chunk.usage ?? choice.usage))
    if (usage) deltas.push({ type: 'usage', usage })
    this.readFinish(string(choice.finish_reason))
    return deltas
  }

  private readFinish(finish: string): void {
    if (finish === 'error' || finish === 'insufficient_system_resource') {
      throw serviceFailure(this.voice, { kind: 'server_error', message: `it stopped with finish_reason ${finish}` })
    }
    this.finish ||= finish
  }

  private reason(): StopReason {
    if (this.refused) return 'refused'
    return stops.get(this.finish) ?? (this.calls.length > 0 ? 'calls' : 'end')
  }

  private readThoughts(delta: Json, deltas: Delta[]): void {
    const details = list(delta.reasoning_details).map(record)
    const field = string(delta.reasoning_content) ? 'reasoning_content' : 'reasoning'
    const said = string(delta[field]) || details.map((item) => string(item.text) || string(item.summary)).join('')
    this.text('thought', said, deltas, field)
    if (details.length === 0) return
    if (this.open?.type === 'thought') this.detailsPart ??= this.open.part
    for (const item of details) this.keepDetail(item)
  }

  /** Pieces of one detail follow each other and share type and index: their texts are joined again. */
  private keepDetail(item: Json): void {
    this.detailsSize += JSON.stringify(item).length
    if (this.detailsSize > largestAnswer) throw endless(this.voice)
    const last = this.details.at(-1)
    if (!last || last.type !== item.type || last.index !== item.index) {
      this.details.push({ ...item })
      return
    }
    for (const [key, value] of Object.entries(item)) {
      if (key === 'text' || key === 'summary' || key === 'data') last[key] = string(last[key]) + string(value)
      else if (value !== null) last[key] = value
    }
  }

  private readContent(item: Json, deltas: Delta[]): void {
    if (item.type === 'text') this.text('text', string(item.text), deltas)
    if (item.type !== 'thinking') return
    const pieces = typeof item.thinking === 'string' ? [{ text: item.thinking }] : list(item.thinking).map(record)
    for (const piece of pieces) this.text('thought', string(piece.text), deltas, 'thinking')
  }

  private text(type: 'text' | 'thought', text: string, deltas: Delta[], field?: ThoughtField): void {
    if (text === '') return
    if (this.open?.type === type) {
      deltas.push({ type, part: this.open.part, text })
      return
    }
    this.open = { type, part: this.parts++ }
    const opaque = field && { opaque: this.opaque({ field }) }
    deltas.push({ type, part: this.open.part, text, ...opaque })
  }

  private readCall(piece: Json, deltas: Delta[]): void {
    const { name, arguments: written } = record(piece.function)
    const id = string(piece.id)
    const text = typeof written === 'object' && written !== null ? JSON.stringify(written) : string(written)
    const known = this.knownCall(count(piece.index), id, string(name))
    const call = known ?? this.openCall(count(piece.index), id)
    const delta: Delta = { type: 'call', part: call.part, arguments: text }
    if (!known && id) delta.id = id
    if (!call.named && string(name)) delta.name = string(name)
    // Gemini's signatures.
    if (piece.extra_content) delta.opaque = this.opaque({ extra_content: piece.extra_content })
    call.named ||= string(name) !== ''
    call.hasArguments ||= text !== ''
    deltas.push(delta)
  }

  /** The call that a piece goes on with, if it does not begin another. */
  private knownCall(index: number | undefined, id: string, name: string): OpenCall | undefined {
    const call =
      index !== undefined
        ? this.byIndex.get(index)
        : id
          ? this.calls.find((other) => other.id === id)
          : this.calls.at(-1)
    if (!call) return undefined
    const another = id ? call.id !== '' && call.id !== id : name !== '' && call.named && call.hasArguments
    return another ? undefined : call
  }

  private openCall(index: number | undefined, id: string): OpenCall {
    const call = { part: this.parts++, id, named: false, hasArguments: false }
    this.calls.push(call)
    if (index !== undefined) this.byIndex.set(index, call)
    this.open = undefined
    return call
  }

  private opaque(data: unknown): Opaque {
    return { provider: this.voice.name, data }
  }
}

function usageOf(usage: Json): Usage | undefined {
  const input = count(usage.prompt_tokens)
  const output = count(usage.completion_tokens)
  if (input === undefined && output === undefined) return undefined
  const details = record(usage.prompt_tokens_details)
  // Azure's Grok reports more cached tokens than the prompt had.
  const cacheRead = Math.min(count(details.cached_tokens) ?? count(usage.prompt_cache_hit_tokens) ?? 0, input ?? 0)
  const cacheWrite = count(details.cache_write_tokens) ?? 0
  return { input: input ?? 0, output: output ?? 0, cacheRead, cacheWrite }
}
