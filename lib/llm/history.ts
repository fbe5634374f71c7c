import type { AssistantMessage, Message, ToolCallPart, ToolMessage, ToolResultPart } from '../core/messages.ts'
import { sha256 } from '../core/hash.ts'
import { record, type Json } from './json.ts'

/** What the model reads in place of a result that never came. */
export const noResult = 'No result: the call was cancelled or did not end.'

/**
 * The conversation as the provider `name` may see it:
 * - each answer with tool calls is followed by exactly one result for each of them, in their order; a call without one
 *   gets a synthetic result, a result without a call is left out;
 * - what another provider wants back (`opaque`) is taken off, and its call ids are replaced by nine letters and digits,
 *   which every service takes (Mistral wants exactly nine, Anthropic no other characters).
 */
export function historyFor(name: string, messages: readonly Message[]): Message[] {
  const results = new Map<string, ToolResultPart>()
  for (const message of messages) {
    if (message.role === 'tool') for (const part of message.parts) results.set(part.id, part)
  }
  return messages.flatMap((message): Message[] => {
    if (message.role === 'tool') return []
    if (message.role === 'user') return [message]
    const own = message.model.startsWith(`${name}/`)
    const idOf = own ? (id: string) => id : portableId
    const answer = own ? ownParts(name, message) : foreignParts(message)
    const calls = message.parts.filter((part) => part.type === 'call')
    return calls.length === 0 ? [answer] : [answer, resultsOf(calls, results, idOf)]
  })
}

/**
 * The arguments of a call as the object that services want. Text that is no JSON object (the registry has told the
 * model so) is wrapped, so that it can be sent at all.
 */
export function argumentsOf(call: ToolCallPart): Json {
  try {
    const value: unknown = JSON.parse(call.arguments)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return record(value)
  } catch {
    // Fall through: it is sent as text.
  }
  return { invalid_arguments: call.arguments }
}

function resultsOf(
  calls: readonly ToolCallPart[],
  results: ReadonlyMap<string, ToolResultPart>,
  idOf: (id: string) => string,
): ToolMessage {
  const parts = calls.map(({ id, name }): ToolResultPart => {
    const result = results.get(id) ?? { type: 'result', id, name, ok: false, text: noResult }
    return { ...result, id: idOf(id) }
  })
  return { role: 'tool', parts }
}

function ownParts(name: string, message: AssistantMessage): AssistantMessage {
  if (message.parts.every(({ opaque }) => opaque === undefined || opaque.provider === name)) return message
  const parts = message.parts.map((part) =>
    part.opaque && part.opaque.provider !== name ? { ...part, opaque: undefined } : part,
  )
  return { ...message, parts }
}

function foreignParts(message: AssistantMessage): AssistantMessage {
  const parts = message.parts.map((part) =>
    part.type === 'call'
      ? { ...part, id: portableId(part.id), opaque: undefined }
      : part.opaque
        ? { ...part, opaque: undefined }
        : part,
  )
  return { ...message, parts }
}

function portableId(id: string): string {
  return sha256(id).slice(0, 9)
}
