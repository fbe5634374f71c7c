import type { AssistantMessage, Message } from '../../core/messages.ts'
import { textOf } from '../../core/messages.ts'
import { argumentsOf, historyFor } from '../history.ts'
import { record, type Json } from '../json.ts'
import type { ModelRequest } from '../provider.ts'
import type { Wire } from '../wire.ts'
import { OpenaiReader } from './openai-reader.ts'

/**
 * OpenAI-compatible chat completions (platform.openai.com/docs/api-reference/chat), as OpenAI, Azure, DeepSeek, Mistral,
 * Ollama, OpenRouter, Perplexity, llama.cpp, vLLM, LM Studio and many others serve them.
 */
export const openai: Wire = {
  path: 'chat/completions',
  headers: (key): Record<string, string> => (key ? { authorization: `Bearer ${key}` } : {}),
  body: bodyOf,
  reader: (voice) => new OpenaiReader(voice),
}

function bodyOf({ model, system, messages, tools, maxTokens }: ModelRequest, name: string, stream: boolean): Json {
  const body: Json = {
    model,
    messages: [
      ...(system ? [{ role: 'system', content: system }] : []),
      ...historyFor(name, messages).flatMap(messageOf),
    ],
  }
  if (tools.length > 0) {
    body.tools = tools.map((tool) => ({
      type: 'function',
      function: { name: tool.name, description: tool.description, parameters: tool.schema },
    }))
  }
  if (maxTokens !== undefined) body.max_tokens = maxTokens
  if (stream) Object.assign(body, { stream: true, stream_options: { include_usage: true } })
  return body
}

function messageOf(message: Message): Json[] {
  switch (message.role) {
    case 'user':
      return [{ role: 'user', content: textOf(message) }]
    case 'tool':
      return message.parts.map(({ id, text }) => ({ role: 'tool', tool_call_id: id, content: text }))
    case 'assistant':
      return answerOf(message)
  }
}

function answerOf(message: AssistantMessage): Json[] {
  const calls = message.parts.filter((part) => part.type === 'call')
  const text = textOf(message)
  const answer: Json = { role: 'assistant', content: text }
  if (calls.length > 0) {
    if (text === '') answer.content = null
    answer.tool_calls = calls.map((call) => ({
      id: call.id,
      type: 'function',
      function: { name: call.name, arguments: JSON.stringify(argumentsOf(call)) },
      ...record(call.opaque?.data),
    }))
  }
  for (const part of message.parts)
    if (part.type === 'thought') addThought(answer, part.text, record(part.opaque?.data))
  return text === '' && calls.length === 0 ? [] : [answer]
}

/** Gives a thought back in the field it came in. See OpenaiReader for the shapes of `data`. */
function addThought(answer: Json, text: string, { field, value }: Json): void {
  if (field === 'reasoning_details') answer.reasoning_details = value
  else if (field === 'thinking') {
    const thinking = { type: 'thinking', thinking: [{ type: 'text', text }] }
    const rest = Array.isArray(answer.content)
      ? answer.content
      : answer.content
        ? [{ type: 'text', text: answer.content }]
        : []
    answer.content = [thinking, ...rest]
  } else if ((field === 'reasoning' || field === 'reasoning_content') && answer.tool_calls) {
    // Wanted between tool calls (DeepSeek, gpt-oss); ignored or refused elsewhere.
    answer[field] = `${typeof answer[field] === 'string' ? answer[field] : ''}${text}`
  }
}
