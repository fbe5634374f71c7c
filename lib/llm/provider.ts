import type { AssistantMessage, Message, Opaque, StopReason, Usage } from '../core/messages.ts'

/** What a model is told of a tool. */
export interface ToolDescription {
  name: string
  description: string
  /** JSON Schema of the arguments: always an object. */
  schema: Record<string, unknown>
}

export interface ModelRequest {
  /** The service's own name for the model, without the provider's. */
  model: string
  system: string
  messages: readonly Message[]
  tools: readonly ToolDescription[]
  /** Most tokens of the answer; the service's own limit where absent. */
  maxTokens?: number
}

/**
 * One piece of an answer as it streams in. Pieces of one part share its `part` number (from 0, in order of first
 * appearance); a tool call's first piece has `id` and `name`.
 */
export type Delta =
  | { type: 'text'; part: number; text: string; opaque?: Opaque }
  | { type: 'thought'; part: number; text: string; opaque?: Opaque }
  | { type: 'call'; part: number; id?: string; name?: string; arguments: string; opaque?: Opaque }
  | { type: 'usage'; usage: Partial<Usage> }
  | { type: 'stop'; reason: StopReason }

/**
 * A model service. `stream` yields the pieces of one answer and always ends with a `stop`; `complete` gives the same
 * answer as one message, asked for whole (services without streaming, and short side requests).
 *
 * Errors: only `Failure` with `auth`, `rate`, `overflow`, `network`, `protocol` or `refused`. When `signal` is
 * aborted, its reason is thrown and the connection is closed. An answer that breaks off is `network` or `protocol`,
 * never a message.
 */
export interface Provider {
  readonly name: string
  stream(request: ModelRequest, signal: AbortSignal): AsyncIterable<Delta>
  complete(request: ModelRequest, signal: AbortSignal): Promise<AssistantMessage>
}
