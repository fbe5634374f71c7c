/**
 * The conversation as data. It is what history holds, what the session log keeps and what a provider translates
 * to its service's own shape.
 */

/** What a service wants back unchanged (signatures, encrypted reasoning). Only its own provider looks inside. */
export interface Opaque {
  provider: string
  data: unknown
}

export interface TextPart {
  type: 'text'
  text: string
  opaque?: Opaque
}

export interface ThoughtPart {
  type: 'thought'
  text: string
  opaque?: Opaque
}

export interface ToolCallPart {
  type: 'call'
  /** The service's id for this call; ours (`call_N`) where the service gave none. Unique within a session. */
  id: string
  name: string
  /** JSON text exactly as the model wrote it: `{}` where it wrote nothing. It may be invalid; the registry says so. */
  arguments: string
  opaque?: Opaque
}

export interface ToolResultPart {
  type: 'result'
  /** The id of the call that this answers. */
  id: string
  name: string
  ok: boolean
  text: string
}

/** Why a model stopped. `length`: its output limit was reached; `refused`: the service or the model declined. */
export type StopReason = 'end' | 'calls' | 'length' | 'refused'

/** Tokens of one answer, as the service counted them. `input` includes what was read from or written to a cache. */
export interface Usage {
  input: number
  output: number
  cacheRead: number
  cacheWrite: number
}

export const noUsage: Readonly<Usage> = Object.freeze({ input: 0, output: 0, cacheRead: 0, cacheWrite: 0 })

export interface UserMessage {
  role: 'user'
  parts: TextPart[]
}

export interface AssistantMessage {
  role: 'assistant'
  parts: (TextPart | ThoughtPart | ToolCallPart)[]
  /** `provider/model` that wrote it. */
  model: string
  stop: StopReason
  usage: Usage
}

export interface ToolMessage {
  role: 'tool'
  parts: ToolResultPart[]
}

export type Message = UserMessage | AssistantMessage | ToolMessage

/** All text of a message's parts of type `text`, joined. */
export function textOf(message: Message): string {
  return message.parts.map((part) => (part.type === 'text' ? part.text : '')).join('')
}

/** The tool calls of an answer, in the order in which the model made them. */
export function callsOf(message: AssistantMessage): ToolCallPart[] {
  return message.parts.filter((part): part is ToolCallPart => part.type === 'call')
}
