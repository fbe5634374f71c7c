import type { AssistantMessage, Message } from '../../core/messages.ts'
import { argumentsOf, historyFor } from '../history.ts'
import { record, type Json } from '../json.ts'
import type { ModelRequest } from '../provider.ts'
import type { Wire } from '../wire.ts'
import { AnthropicReader } from './anthropic-reader.ts'

/** Tokens of an answer where the request names no limit: the service wants one. */
const defaultMaxTokens = 16_384

/** Keeps what goes before in the service's cache for the next request. */
const cached = { cache_control: { type: 'ephemeral' } }

/** Anthropic messages (docs.anthropic.com/en/api/messages and .../messages-streaming). */
export const anthropic: Wire = {
  path: 'messages',
  headers: (key) => ({ 'anthropic-version': '2023-06-01', ...(key ? { 'x-api-key': key } : {}) }),
  body: bodyOf,
  reader: (voice) => new AnthropicReader(voice),
}

function bodyOf({ model, system, messages, tools, maxTokens }: ModelRequest, name: string, stream: boolean): Json {
  const body: Json = {
    model,
    max_tokens: maxTokens ?? defaultMaxTokens,
    messages: cacheLast(mergeRoles(historyFor(name, messages).map(messageOf))),
  }
  if (system) body.system = [{ type: 'text', text: system, ...cached }]
  if (tools.length > 0) {
    body.tools = tools.map((tool) => ({ name: tool.name, description: tool.description, input_schema: tool.schema }))
  }
  if (stream) body.stream = true
  return body
}

interface WireMessage {
  role: 'user' | 'assistant'
  content: Json[]
}

function messageOf(message: Message): WireMessage {
  switch (message.role) {
    case 'user':
      return { role: 'user', content: message.parts.flatMap(({ text }) => textBlock(text)) }
    case 'tool':
      return {
        role: 'user',
        content: message.parts.map(({ id, text, ok }) => ({
          type: 'tool_result',
          tool_use_id: id,
          content: textBlock(text),
          ...(ok ? {} : { is_error: true }),
        })),
      }
    case 'assistant':
      return { role: 'assistant', content: message.parts.flatMap(blockOf) }
  }
}

function blockOf(part: AssistantMessage['parts'][number]): Json[] {
  switch (part.type) {
    case 'text':
      return textBlock(part.text)
    case 'call':
      return [{ type: 'tool_use', id: part.id, name: part.name, input: argumentsOf(part) }]
    case 'thought': {
      const data = record(part.opaque?.data)
      if (data.type === 'thinking') return [{ ...data, thinking: part.text }]
      return data.type === 'redacted_thinking' ? [data] : []
    }
  }
}

/** The service refuses blocks without anything to read in them. */
function textBlock(text: string): Json[] {
  return text.trim() === '' ? [] : [{ type: 'text', text }]
}

/** Roles have to take turns, and no message may be empty. */
function mergeRoles(messages: WireMessage[]): WireMessage[] {
  const merged: WireMessage[] = []
  for (const message of messages) {
    const last = merged.at(-1)
    if (message.content.length === 0) continue
    if (last?.role === message.role) last.content.push(...message.content)
    else merged.push({ ...message })
  }
  return merged
}

function cacheLast(messages: WireMessage[]): WireMessage[] {
  const content = messages.at(-1)?.content ?? []
  const block = content.at(-1)
  // Thoughts take no mark.
  if (block && block.type !== 'thinking' && block.type !== 'redacted_thinking') Object.assign(block, cached)
  return messages
}
