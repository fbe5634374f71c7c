import { Failure } from '../core/failure.ts'
import { noUsage, type AssistantMessage, type Message, type StopReason } from '../core/messages.ts'
import type { Delta } from './provider.ts'

/** Sees to it that no two tool calls of a session have the same id, whatever services give. */
export class CallIds {
  private readonly used = new Set<string>()
  private next = 1

  /** `history`: messages whose ids are taken already. */
  constructor(history: readonly Message[] = []) {
    for (const message of history) {
      for (const part of message.parts) if (part.type === 'call') this.used.add(part.id)
    }
  }

  /** The id itself where it is there and free, else a free `call_N`. */
  claim(id = ''): string {
    let free = id
    while (free === '' || this.used.has(free)) free = `call_${this.next++}`
    this.used.add(free)
    return free
  }
}

/** Folds the pieces of one answer into its message. */
export class Assembler {
  private readonly model: string
  private readonly ids: CallIds
  private readonly parts = new Map<number, AssistantMessage['parts'][number]>()
  private usage = { ...noUsage }
  private stop?: StopReason

  /** `model`: `provider/model`, as the message will name it. */
  constructor(model: string, ids: CallIds) {
    this.model = model
    this.ids = ids
  }

  push(delta: Delta): void {
    if (delta.type === 'usage') Object.assign(this.usage, delta.usage)
    else if (delta.type === 'stop') this.stop = delta.reason
    else {
      const part = this.parts.get(delta.part) ?? this.open(delta)
      if (part.type === 'call' && delta.type === 'call') part.arguments += delta.arguments
      else if (part.type !== 'call' && delta.type !== 'call') part.text += delta.text
      if (delta.opaque) part.opaque = delta.opaque
    }
  }

  /** The message. Failure `protocol` where the answer has not come to its end. */
  message(): AssistantMessage {
    if (this.stop === undefined) throw new Failure('protocol', `The answer of ${this.model} did not come to its end.`)
    const parts = [...this.parts.values()].filter(
      (part) => part.type === 'call' || part.text !== '' || part.opaque !== undefined,
    )
    for (const part of parts) if (part.type === 'call' && part.arguments.trim() === '') part.arguments = '{}'
    return { role: 'assistant', parts, model: this.model, stop: this.stop, usage: this.usage }
  }

  private open(delta: Exclude<Delta, { type: 'usage' | 'stop' }>) {
    const part: AssistantMessage['parts'][number] =
      delta.type === 'call'
        ? { type: 'call', id: this.ids.claim(delta.id), name: delta.name ?? '', arguments: '' }
        : { type: delta.type, text: '' }
    this.parts.set(delta.part, part)
    return part
  }
}
