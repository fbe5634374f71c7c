import { Failure, type FailureCode } from '../../core/failure.ts'
import type { AssistantMessage } from '../../core/messages.ts'
import { readSmallFile } from '../../config/files.ts'
import { parseToml } from '../../config/toml.ts'
import { Assembler, CallIds } from '../assemble.ts'
import { count, list, record, string } from '../json.ts'
import { pause, paced } from '../pace.ts'
import type { Delta, ModelRequest, Provider } from '../provider.ts'

/** One answer of a script. Everything may be left out. */
interface Turn {
  /** Milliseconds before the first piece. */
  delay_ms: number
  /** Words a second of thought and text; 0: at once. */
  rate: number
  thought: string
  text: string
  calls: { name: string; arguments: string }[]
  /** The answer breaks off with this after what it says. */
  failure?: Failure
}

const codes: ReadonlySet<string> = new Set<FailureCode>(['auth', 'rate', 'overflow', 'network', 'protocol', 'refused'])
const turnKeys = new Set(['delay_ms', 'rate', 'thought', 'text', 'calls', 'failure'])

/**
 * A model that plays a script: the model's name is the path of a TOML file, or of a JSON file of the same shape.
 *
 *     rate = 40                        # words a second, for turns that name none; 0 (the default): at once
 *
 *     [[turns]]                        # the first answer of the conversation
 *     delay_ms = 300                   # before its first piece
 *     thought = "Let me look."
 *     text = "I will read the file."
 *     [[turns.calls]]
 *     name = "read"
 *     arguments = { path = "a.js" }    # a string is sent as it is, valid or not
 *
 *     [[turns]]
 *     text = "Half an ans"             # what is said before the answer fails
 *     failure = { code = "network", message = "It broke off.", retry_after_ms = 100 }
 *
 * The number of answers in the history says which turn it is: a failed one is played again when it is tried again.
 * A file that is missing or wrong, and a script that has ended, are Failure `protocol`.
 */
export class Script implements Provider {
  readonly name = 'script'

  async *stream(request: ModelRequest, signal: AbortSignal): AsyncGenerator<Delta> {
    signal.throwIfAborted()
    const turns = readScript(request.model)
    const played = request.messages.filter(({ role }) => role === 'assistant').length
    const turn = turns[played]
    if (!turn) {
      throw new Failure('protocol', `The script ${request.model} has ended: it has ${turns.length} answers, all given.`)
    }
    await pause(turn.delay_ms, signal)
    let words = 0
    let part = 0
    for (const type of ['thought', 'text'] as const) {
      for await (const text of paced(turn[type], turn.rate, signal)) {
        words += 1
        yield { type, part, text }
      }
      if (turn[type] !== '') part += 1
    }
    if (turn.failure) throw turn.failure
    for (const [index, call] of turn.calls.entries()) {
      yield { type: 'call', part: part++, id: `script_${played + 1}_${index + 1}`, ...call }
    }
    yield { type: 'usage', usage: { input: request.messages.length, output: words } }
    yield { type: 'stop', reason: turn.calls.length > 0 ? 'calls' : 'end' }
  }

  async complete(request: ModelRequest, signal: AbortSignal): Promise<AssistantMessage> {
    const assembler = new Assembler(`script/${request.model}`, new CallIds(request.messages))
    for await (const delta of this.stream(request, signal)) assembler.push(delta)
    return assembler.message()
  }
}

function readScript(file: string): Turn[] {
  const data = parse(file)
  const rate = count(data.rate) ?? 0
  if (!Array.isArray(data.turns)) throw wrong(file, 'it has no list of "turns"')
  return data.turns.map((turn, index) => readTurn(record(turn), rate, file, index + 1))
}

function parse(file: string) {
  const source = { name: file, code: 'protocol' as const, file }
  const read = readSmallFile(file, source)
  if (!read) throw new Failure('protocol', `There is no script ${file}. Name one in the model: script/FILE.`, { file })
  if (!file.endsWith('.json')) return record(parseToml(read.bytes, source).data)
  try {
    return record(JSON.parse(Buffer.from(read.bytes).toString()))
  } catch (error) {
    throw wrong(file, `it is no JSON: ${error instanceof Error ? error.message : String(error)}`)
  }
}

function readTurn(turn: Record<string, unknown>, rate: number, file: string, number: number): Turn {
  const stranger = Object.keys(turn).find((key) => !turnKeys.has(key))
  if (stranger) throw wrong(file, `turn ${number} has "${stranger}", which no turn has`)
  const failure = record(turn.failure)
  if (turn.failure !== undefined && !codes.has(string(failure.code))) {
    throw wrong(file, `the failure of turn ${number} has no code out of ${[...codes].join(', ')}`)
  }
  return {
    delay_ms: count(turn.delay_ms) ?? 0,
    rate: count(turn.rate) ?? rate,
    thought: string(turn.thought),
    text: string(turn.text),
    calls: list(turn.calls).map((call) => readCall(record(call), file, number)),
    failure:
      turn.failure === undefined
        ? undefined
        : new Failure(failure.code as FailureCode, string(failure.message) || 'The script fails here.', {
            retryAfterMs: count(failure.retry_after_ms),
          }),
  }
}

function readCall(call: Record<string, unknown>, file: string, number: number) {
  const name = string(call.name)
  if (!name) throw wrong(file, `a call of turn ${number} has no name`)
  const written = call.arguments ?? {}
  return { name, arguments: typeof written === 'string' ? written : JSON.stringify(written) }
}

function wrong(file: string, problem: string): Failure {
  return new Failure('protocol', `The script ${file} cannot be played: ${problem}.`, { file })
}
