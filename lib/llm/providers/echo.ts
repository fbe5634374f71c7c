import { textOf, type AssistantMessage } from '../../core/messages.ts'
import { Assembler, CallIds } from '../assemble.ts'
import { paced } from '../pace.ts'
import type { Delta, ModelRequest, Provider } from '../provider.ts'

/** Answers with what the person said last, word by word and at once: a first try without a model. */
export class Echo implements Provider {
  readonly name = 'echo'

  async *stream(request: ModelRequest, signal: AbortSignal): AsyncGenerator<Delta> {
    const last = request.messages.findLast(({ role }) => role === 'user')
    let words = 0
    for await (const text of paced(last ? textOf(last) : '', 0, signal)) {
      words += 1
      yield { type: 'text', part: 0, text }
    }
    yield { type: 'usage', usage: { input: words, output: words } }
    yield { type: 'stop', reason: 'end' }
  }

  async complete(request: ModelRequest, signal: AbortSignal): Promise<AssistantMessage> {
    const assembler = new Assembler(`echo/${request.model}`, new CallIds(request.messages))
    for await (const delta of this.stream(request, signal)) assembler.push(delta)
    return assembler.message()
  }
}
