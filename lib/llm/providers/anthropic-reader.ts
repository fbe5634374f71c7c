import type { StopReason, Usage } from '../../core/messages.ts'
import { count, list, record, string, type Json } from '../json.ts'
import type { Delta } from '../provider.ts'
import { readError, serviceFailure, type Voice } from '../service-error.ts'
import { endedTooSoon, noAnswer, parseJson, type AnswerReader } from '../wire.ts'

/** A content block whose pieces are coming in. */
type OpenBlock =
  | { type: 'text' | 'call'; part: number }
  /** `signature`: what the service wants back with the thought. */
  | { type: 'thought'; part: number; signature: string }

const stops = new Map<string, StopReason>([
  ['tool_use', 'calls'],
  ['max_tokens', 'length'],
  ['model_context_window_exceeded', 'length'],
  ['refusal', 'refused'],
])

/** Reads an Anthropic message. It is complete with `message_stop`, and only then. */
export class AnthropicReader implements AnswerReader {
  done = false
  private readonly voice: Voice
  private readonly blocks = new Map<unknown, OpenBlock>()
  private parts = 0
  private reason: StopReason = 'end'

  constructor(voice: Voice) {
    this.voice = voice
  }

  push(data: string): Delta[] {
    const event = record(parseJson(this.voice, data))
    switch (event.type) {
      case 'message_start':
        return this.usage(record(record(event.message).usage))
      case 'content_block_start':
        return this.start(event.index, record(event.content_block))
      case 'content_block_delta':
        return this.delta(event.index, record(event.delta))
      case 'content_block_stop':
        return this.stop(event.index)
      case 'message_delta':
        this.readReason(record(event.delta).stop_reason)
        return this.usage(record(event.usage))
      case 'message_stop':
        this.done = true
        return []
      case 'error':
        throw serviceFailure(this.voice, readError(event))
      default:
        // `ping`, and what is yet to be invented: the protocol asks to pass over it.
        return []
    }
  }

  whole(body: unknown): Delta[] {
    const message = record(body)
    if (message.type === 'error') throw serviceFailure(this.voice, readError(message))
    if (typeof message.stop_reason !== 'string') throw noAnswer(this.voice)
    this.done = true
    this.readReason(message.stop_reason)
    const blocks = list(message.content).flatMap((block, index) => [
      ...this.start(index, record(block)),
      ...this.stop(index),
    ])
    return [...blocks, ...this.usage(record(message.usage))]
  }

  end(): Delta[] {
    if (!this.done) throw endedTooSoon(this.voice)
    return [{ type: 'stop', reason: this.reason }]
  }

  private start(index: unknown, block: Json): Delta[] {
    const part = this.parts
    switch (block.type) {
      case 'text':
        this.open(index, { type: 'text', part })
        return block.text ? [{ type: 'text', part, text: string(block.text) }] : []
      case 'thinking':
        this.open(index, { type: 'thought', part, signature: string(block.signature) })
        return block.thinking ? [{ type: 'thought', part, text: string(block.thinking) }] : []
      case 'redacted_thinking': {
        this.open(index, { type: 'thought', part, signature: '' })
        const data = { type: 'redacted_thinking', data: block.data }
        return [{ type: 'thought', part, text: '', opaque: { provider: this.voice.name, data } }]
      }
      case 'tool_use': {
        this.open(index, { type: 'call', part })
        const input = record(block.input)
        const written = Object.keys(input).length > 0 ? JSON.stringify(input) : ''
        return [{ type: 'call', part, id: string(block.id), name: string(block.name), arguments: written }]
      }
      default:
        // Blocks of the service's own tools, which are never asked for.
        return []
    }
  }

  private delta(index: unknown, delta: Json): Delta[] {
    const block = this.blocks.get(index)
    if (!block) return []
    const { part } = block
    if (block.type === 'text' && delta.type === 'text_delta') return [{ type: 'text', part, text: string(delta.text) }]
    if (block.type === 'call' && delta.type === 'input_json_delta') {
      const written = string(delta.partial_json)
      return written ? [{ type: 'call', part, arguments: written }] : []
    }
    if (block.type === 'thought' && delta.type === 'thinking_delta') {
      return [{ type: 'thought', part, text: string(delta.thinking) }]
    }
    if (block.type === 'thought' && delta.type === 'signature_delta') block.signature += string(delta.signature)
    return []
  }

  private stop(index: unknown): Delta[] {
    const block = this.blocks.get(index)
    if (block?.type !== 'thought' || block.signature === '') return []
    const data = { type: 'thinking', signature: block.signature }
    return [{ type: 'thought', part: block.part, text: '', opaque: { provider: this.voice.name, data } }]
  }

  private open(index: unknown, block: OpenBlock): void {
    this.blocks.set(index, block)
    this.parts += 1
  }

  private readReason(reason: unknown): void {
    if (typeof reason === 'string') this.reason = stops.get(reason) ?? 'end'
  }

  private usage(usage: Json): Delta[] {
    const input = count(usage.input_tokens)
    const cacheRead = count(usage.cache_read_input_tokens)
    const cacheWrite = count(usage.cache_creation_input_tokens)
    const output = count(usage.output_tokens)
    const counted: Partial<Usage> = {}
    if (input !== undefined) counted.input = input + (cacheRead ?? 0) + (cacheWrite ?? 0)
    if (cacheRead !== undefined) counted.cacheRead = cacheRead
    if (cacheWrite !== undefined) counted.cacheWrite = cacheWrite
    if (output !== undefined) counted.output = output
    return Object.keys(counted).length > 0 ? [{ type: 'usage', usage: counted }] : []
  }
}
