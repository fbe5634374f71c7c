import {
  callsOf,
  type AssistantMessage,
  type Message,
  type ToolCallPart,
  type ToolMessage,
  type ToolResultPart,
  type UserMessage,
} from '../core/messages.ts'

/** The conversation as the model is told it. Every tool call in it has a result, whatever happened. */
export class History {
  private readonly kept: Message[]

  /** `messages`: a conversation to go on with, as a session log kept it; what its end left open is closed. */
  constructor(messages: readonly Message[] = []) {
    this.kept = mended(messages)
  }

  get messages(): readonly Message[] {
    return this.kept
  }

  add(message: Message): void {
    this.kept.push(message)
  }
}

/** What the model is told that goes on with a session which had ended: of its world only the files are left. */
export const takenUpNote: UserMessage = {
  role: 'user',
  parts: [
    {
      type: 'text',
      text: 'This session had ended and is taken up again. The shell is a new one, nothing runs in the background any more, and files may have changed: read them again before you rely on them.',
    },
  ],
}

/** The result that a call has which never had one of its own. */
export function noResult({ id, name }: ToolCallPart, reason: string): ToolResultPart {
  return { type: 'result', id, name, ok: false, text: `No result: ${reason}` }
}

/**
 * What is wrong with a conversation, one sentence each; none for a valid one: every answer says something, its calls
 * are answered in the very next message, in their order, and no call's id is used twice.
 */
export function violations(messages: readonly Message[]): string[] {
  const found: string[] = []
  const ids = new Set<string>()
  messages.forEach((message, at) => {
    if (message.parts.length === 0) found.push(`message ${at} is empty`)
    if (message.role === 'tool' && !hasCalls(messages[at - 1])) found.push(`message ${at} answers no call`)
    if (message.role !== 'assistant') return
    const calls = callsOf(message)
    for (const { id } of calls) {
      if (ids.has(id)) found.push(`call ${id} of message ${at} has an id that was used before`)
      ids.add(id)
    }
    const next = messages[at + 1]
    const results = next?.role === 'tool' ? next.parts : []
    const wanted = calls.map(({ id, name }) => `${id} ${name}`).join(', ')
    const given = results.map(({ id, name }) => `${id} ${name}`).join(', ')
    if (wanted !== given) found.push(`message ${at} calls (${wanted}), and the results are (${given})`)
  })
  return found
}

/** A log may end between a call and its result, and a damaged one may lack lines: makes a valid conversation of it. */
function mended(messages: readonly Message[]): Message[] {
  return messages.flatMap((message, at): Message[] => {
    if (message.role === 'tool' || message.parts.length === 0) return []
    if (!hasCalls(message)) return [message]
    const next = messages[at + 1]
    const reason = 'the session ended before this call did. It may have had effects.'
    return [message, answered(message, next?.role === 'tool' ? next.parts : [], reason)]
  })
}

function answered(message: AssistantMessage, results: readonly ToolResultPart[], reason: string): ToolMessage {
  const parts = callsOf(message).map(
    (call) => results.find((result) => result.id === call.id) ?? noResult(call, reason),
  )
  return { role: 'tool', parts }
}

function hasCalls(message: Message | undefined): message is AssistantMessage {
  return message?.role === 'assistant' && callsOf(message).length > 0
}
