import type { Config } from '../config/schema.ts'
import { Failure } from '../core/failure.ts'
import { callsOf, type AssistantMessage, type Message, type ToolResultPart, type Usage } from '../core/messages.ts'
import { Assembler, type CallIds } from '../llm/assemble.ts'
import { costOf, type Connection } from '../llm/connect.ts'
import type { Delta } from '../llm/provider.ts'
import { streamWithRetry } from '../llm/retry.ts'
import { heed } from '../tools/abort.ts'
import { cutShort, reasonOf, type Calls } from './calls.ts'
import type { Changes } from './changes.ts'
import { noResult, type History } from './history.ts'
import type { Publish } from './publish.ts'
import type { Registry } from '../tools/registry.ts'

/** The model to ask. */
export interface Model extends Connection {
  /** `provider/model`. */
  name: string
}

export interface TurnParts {
  publish: Publish
  registry: Registry
  history: History
  /** The ids of calls that are taken. */
  ids: CallIds
  changes: Changes
  model: Model
  /** The system prompt, for the next request. */
  system: () => string
  limits: Pick<Config['limits'], 'steps' | 'cost'>
  /** Milliseconds since 1970. */
  now: () => number
}

/**
 * One turn of the conversation: asks the model, runs the calls it makes, tells it the results, until it makes none.
 * Returns when it is done; a limit is thrown as Failure `limit`, an abort as the signal's reason. However it ends, the
 * history is valid.
 */
export class Turn {
  private readonly parts: TurnParts
  private readonly number: number
  private readonly calls: Calls
  private readonly signal: AbortSignal
  private spent = 0

  constructor(parts: TurnParts, number: number, calls: Calls, signal: AbortSignal) {
    this.parts = parts
    this.number = number
    this.calls = calls
    this.signal = signal
  }

  async run(prompt: string): Promise<void> {
    this.checkPrice()
    this.keep({ role: 'user', parts: [{ type: 'text', text: prompt }] })
    for (let step = 1; ; step++) {
      this.checkSteps(step)
      const answer = await this.streamAnswer()
      if (callsOf(answer).length === 0) return this.checkEnd(answer, step)
      await this.executeCalls(answer)
      await this.lookAtChanges()
    }
  }

  private async streamAnswer(): Promise<AssistantMessage> {
    const { now } = this.parts
    const assembler = new Assembler(this.parts.model.name, this.parts.ids)
    let start: number | undefined
    try {
      for await (const delta of heeding(this.signal, this.deltas())) {
        start ??= now()
        assembler.push(delta)
        if ((delta.type === 'text' || delta.type === 'thought') && delta.text !== '') {
          this.parts.publish('text.delta', { turn: this.number, kind: delta.type, text: delta.text })
        }
      }
    } catch (error) {
      if (this.signal.aborted) this.keepAnswer(saidSoFar(assembler), start)
      throw error
    }
    const answer = assembler.message()
    this.keepAnswer(answer, start)
    return answer
  }

  private deltas(): AsyncGenerator<Delta> {
    const { model, system, history, registry, publish } = this.parts
    const request = {
      model: model.model,
      system: system(),
      messages: [...history.messages],
      tools: registry.describe(),
    }
    return streamWithRetry(model.provider, request, this.signal, ({ attempt, inMs, failure }) =>
      publish('turn.retrying', { turn: this.number, attempt, inMs, reason: failure.message }),
    )
  }

  private async executeCalls(answer: AssistantMessage): Promise<void> {
    const calls = callsOf(answer)
    const cut = answer.stop === 'length' ? answer.parts.at(-1) : undefined
    const results: ToolResultPart[] = []
    let reason = ''
    try {
      this.checkCost()
      for (const call of calls) {
        this.signal.throwIfAborted()
        results.push(call === cut ? this.calls.refuse(call, cutShort) : await this.calls.execute(call))
      }
    } catch (error) {
      reason = reasonOf(error, this.signal)
      throw error
    } finally {
      this.keep({ role: 'tool', parts: calls.map((call, i) => results[i] ?? noResult(call, reason)) })
    }
  }

  private async lookAtChanges(): Promise<void> {
    const { changes } = this.parts
    if (this.calls.touched) await heed(this.signal, changes.look(this.calls.touched))
  }

  /** Results belong to the history even where the log fails, so that no call stays open; all else only once it is kept. */
  private keep(message: Message): void {
    const { history, publish } = this.parts
    if (message.role === 'tool') history.add(message)
    publish('message.added', { turn: this.number, message })
    if (message.role !== 'tool') history.add(message)
  }

  /** Counted first: once the answer is kept, nothing may come between it and the results of its calls. */
  private keepAnswer(answer: AssistantMessage, start = this.parts.now()): void {
    this.count(answer.usage, start)
    if (answer.parts.length > 0) this.keep(answer)
  }

  private count(usage: Usage, start: number): void {
    if (usage.input + usage.output === 0) return
    const { model, publish, now } = this.parts
    const at = now()
    const costUsd = model.price && costOf(usage, model.price)
    this.spent += costUsd ?? 0
    publish('usage.counted', {
      turn: this.number,
      usage,
      contextTokens: usage.input + usage.output,
      ...(model.contextLimit === undefined ? {} : { contextLimit: model.contextLimit }),
      ...(costUsd === undefined ? {} : { costUsd }),
      at,
      ms: at - start,
    })
  }

  private checkPrice(): void {
    const { limits, model } = this.parts
    if (limits.cost === 0 || model.price) return
    throw new Failure(
      'config',
      `The limit of $${limits.cost} cannot be kept: the price of ${model.name} is not known. Give it a price in the configuration, or take the limit away.`,
    )
  }

  private checkSteps(step: number): void {
    const { steps } = this.parts.limits
    if (step <= steps) return
    throw new Failure('limit', `The turn has made its ${steps} model calls (limits.steps). Send a prompt to go on.`)
  }

  private checkCost(): void {
    const { cost } = this.parts.limits
    if (cost === 0 || this.spent < cost) return
    const spent = this.spent.toFixed(4)
    throw new Failure('limit', `The turn has cost $${spent}, its limit is $${cost}. Send a prompt to go on.`)
  }

  private checkEnd(answer: AssistantMessage, step: number): void {
    const { name } = this.parts.model
    if (answer.stop === 'length') {
      throw new Failure('limit', `The answer of ${name} was cut at its output limit. Ask it to go on.`)
    }
    if (answer.stop === 'refused') {
      throw new Failure('refused', `${name} declined to answer. Ask in another way, or choose another model.`)
    }
    if (step === 1 && answer.parts.length === 0) {
      throw new Failure('protocol', `${name} answered with nothing. Try again, or choose another model.`)
    }
  }
}

/** What an answer that was broken off had said: its text, and thoughts that were ended. A call was never made. */
function saidSoFar(assembler: Assembler): AssistantMessage {
  assembler.push({ type: 'stop', reason: 'end' })
  const message = assembler.message()
  const parts = message.parts.filter(
    ({ type }, at) => type === 'text' || (type === 'thought' && at + 1 < message.parts.length),
  )
  const said = parts.some((part) => part.type === 'text' && part.text !== '')
  return { ...message, parts: said ? parts : [] }
}

/** The same items, but no waiting for the next one once the signal is aborted: its reason is thrown. */
async function* heeding<T>(signal: AbortSignal, items: AsyncGenerator<T>): AsyncGenerator<T> {
  try {
    for (;;) {
      signal.throwIfAborted()
      const next = await heed(signal, items.next())
      if (next.done) return
      yield next.value
    }
  } finally {
    // Not awaited: a service that does not close its connection keeps nobody waiting.
    items.return(undefined).catch(() => {})
  }
}
