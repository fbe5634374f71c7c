import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { setImmediate, setTimeout as sleep } from 'node:timers/promises'

/**
 * A model service on loopback for specs, speaking both protocols over real HTTP: OpenAI's at `/v1/chat/completions`,
 * Anthropic's at `/v1/messages`, streamed or whole as the request asks; and the list of models at `/v1/models`.
 *
 *     const server = await startModelServer({
 *       turns: [{ text: 'Let me look.', calls: [{ name: 'read', arguments: { path: 'a.js' } }] }, { text: 'Done.' }],
 *     })
 *     // base_url is server.url; then look at server.requests
 *     await server.close()
 */
export interface ModelServer {
  /** `http://127.0.0.1:PORT/v1`. */
  url: string
  /** Every request that came, in order; those for the list of models too. */
  requests: ModelServerRequest[]
  /** TCP connections that were ever opened. */
  connections: number
  /** The next request that comes in, once its body is here. */
  nextRequest(): Promise<ModelServerRequest>
  /** Ends all connections too. */
  close(): Promise<void>
}

export interface ModelServerOptions {
  /** The answers of a conversation: the number of assistant messages in the request says which. */
  turns?: readonly Answer[]
  /** Or: an answer for each request; `index` counts the requests for answers from 0. */
  respond?: (request: ModelServerRequest, index: number) => Answer
  /** The key that is wanted; any will do where absent. */
  key?: string
  /** Names of models for `/v1/models`. */
  models?: readonly string[]
  /** Where to listen on loopback; wherever is free, where absent. */
  port?: number
}

export interface ModelServerRequest {
  protocol: 'openai' | 'anthropic'
  path: string
  headers: IncomingMessage['headers']
  /** The parsed body. */
  body: Record<string, any> // oxlint-disable-line typescript/no-explicit-any -- specs look into it as they know it
  /** Resolves when the answer is over, by whichever side: true where the client got all of it. */
  closed: Promise<boolean>
}

/** How an answer ends: as it should, with the connection cut, or never. */
export type Ending = 'end' | 'cut' | 'hang'

/** What the model says, in either protocol. */
export interface Turn {
  thought?: string
  text?: string
  /** `arguments`: an object, or text that is sent as it is. */
  calls?: readonly { id?: string; name: string; arguments?: unknown }[]
  /** Words a second; at once where absent. */
  rate?: number
  /** Anthropic: the signature of the thought. */
  signature?: string
  usage?: { input: number; output: number }
  /** `end` where absent; with the others the answer stops after `pieces` events of the stream (3 where absent). */
  ending?: Ending
  pieces?: number
}

/** Bytes as they are: recorded bodies, errors, garbage. */
export interface Raw {
  status?: number
  headers?: Record<string, string>
  body: string | Uint8Array
  /** Where the body is cut into pieces, each sent by itself. */
  cuts?: readonly number[]
  /** Milliseconds between two pieces. */
  trickleMs?: number
  ending?: Ending
}

/** `hang`: nothing at all, not even a status. */
export type Answer = Turn | Raw | 'hang'

export async function startModelServer(options: ModelServerOptions = {}): Promise<ModelServer> {
  const sockets = new Set<Socket>()
  const waiting: ((request: ModelServerRequest) => void)[] = []
  let answered = 0
  const server = createServer((message, response) => {
    void serve(message, response).catch((error: unknown) => {
      if (!response.destroyed) response.destroy(error as Error)
    })
  })
  const model: ModelServer = {
    url: '',
    requests: [],
    connections: 0,
    nextRequest: () => new Promise((resolve) => void waiting.push(resolve)),
    close: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }

  async function serve(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const piece of message) chunks.push(piece as Buffer)
    const text = Buffer.concat(chunks).toString()
    const path = message.url ?? ''
    const protocol = message.headers['anthropic-version'] ? 'anthropic' : 'openai'
    const closed = new Promise<boolean>((resolve) => {
      response.on('close', () => resolve(response.writableFinished))
    })
    const request = { protocol, path, headers: message.headers, body: text ? JSON.parse(text) : {}, closed } as const
    model.requests.push(request)
    for (const resolve of waiting.splice(0)) resolve(request)
    if (options.key !== undefined && keyOf(message) !== options.key) return send(response, badKey)
    if (path.split('?', 1)[0] === '/v1/models') return send(response, listOf(options.models ?? ['test-model']))
    const answer = answerTo(request)
    if (answer === 'hang') return
    if ('body' in answer) return send(response, answer)
    return sendTurn(response, request, answer)
  }

  function answerTo(request: ModelServerRequest): Answer {
    if (options.respond) return options.respond(request, answered++)
    const played = request.body.messages.filter(({ role }: { role: string }) => role === 'assistant').length
    return options.turns?.[played] ?? failing(500, `The spec has no answer number ${played + 1}.`)
  }

  server.on('connection', (socket) => {
    model.connections += 1
    socket.setNoDelay(true)
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  server.listen(options.port ?? 0, '127.0.0.1')
  await once(server, 'listening')
  model.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`
  return model
}

/** An error in the shape that both protocols share. */
export function failing(status: number, message: string, headers: Record<string, string> = {}): Raw {
  return { status, headers, body: JSON.stringify({ type: 'error', error: { type: 'spec_error', message } }) }
}

const badKey: Raw = {
  status: 401,
  body: JSON.stringify({ type: 'error', error: { type: 'authentication_error', message: 'invalid key' } }),
}

function listOf(models: readonly string[]): Raw {
  return { body: JSON.stringify({ object: 'list', data: models.map((id) => ({ id, object: 'model' })) }) }
}

function keyOf({ headers }: IncomingMessage): string | undefined {
  return (headers['x-api-key'] as string | undefined) ?? headers.authorization?.replace(/^Bearer /, '')
}

async function send(response: ServerResponse, answer: Raw): Promise<void> {
  const { status = 200, headers = {}, cuts = [], trickleMs, ending = 'end' } = answer
  const body = Buffer.from(answer.body)
  response.writeHead(status, { 'content-type': 'application/json', ...headers })
  const ends = [...cuts, body.length]
  let start = 0
  for (const end of ends) {
    if (response.destroyed) return
    if (end > start) response.write(body.subarray(start, end))
    start = end
    if (trickleMs !== undefined) await sleep(trickleMs)
    else if (cuts.length > 0) await setImmediate()
  }
  await finish(response, ending)
}

async function sendTurn(response: ServerResponse, request: ModelServerRequest, turn: Turn): Promise<void> {
  const { protocol, body } = request
  if (!body.stream) {
    const whole = protocol === 'openai' ? openaiWhole(turn) : anthropicWhole(turn)
    return send(response, { body: JSON.stringify(whole) })
  }
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  const events = protocol === 'openai' ? openaiEvents(turn) : anthropicEvents(turn)
  const { ending = 'end', pieces = 3 } = turn
  for (const event of ending === 'end' ? events : events.slice(0, pieces)) {
    if (response.destroyed) return
    response.write(event)
    if (turn.rate) await sleep(1000 / turn.rate)
  }
  await finish(response, ending)
}

async function finish(response: ServerResponse, ending: Ending): Promise<void> {
  if (ending === 'hang') return
  if (ending === 'end') {
    response.end()
    return
  }
  // What was written has to be on its way before the connection goes.
  const { socket } = response
  await setImmediate()
  await new Promise((resolve) => socket?.write('', resolve))
  socket?.destroy()
}

function words(text = ''): string[] {
  return text.match(/\s*\S+|\s+$/g) ?? []
}

function callsOf(turn: Turn, prefix: string) {
  return (turn.calls ?? []).map(({ id, name, arguments: written = {} }, index) => ({
    id: id ?? `${prefix}_${name}_${index + 1}_${unique++}`,
    name,
    text: typeof written === 'string' ? written : JSON.stringify(written),
  }))
}

let unique = 1

function usageOf({ usage }: Turn) {
  return usage ?? { input: 100, output: 10 }
}

function chunk(delta: unknown, finish_reason: string | null = null) {
  return { choices: [{ index: 0, delta, finish_reason }] }
}

function openaiEvents(turn: Turn): string[] {
  const calls = callsOf(turn, 'call')
  const { input, output } = usageOf(turn)
  const chunks: unknown[] = [
    chunk({ role: 'assistant', content: '' }),
    ...words(turn.thought).map((text) => chunk({ reasoning_content: text })),
    ...words(turn.text).map((text) => chunk({ content: text })),
    ...calls.flatMap(({ id, name, text }, index) => [
      chunk({ tool_calls: [{ index, id, type: 'function', function: { name, arguments: '' } }] }),
      chunk({ tool_calls: [{ index, function: { arguments: text } }] }),
    ]),
    chunk({}, calls.length > 0 ? 'tool_calls' : 'stop'),
    { choices: [], usage: { prompt_tokens: input, completion_tokens: output, total_tokens: input + output } },
  ]
  return [...chunks.map((data) => `data: ${JSON.stringify(data)}\n\n`), 'data: [DONE]\n\n']
}

function openaiWhole(turn: Turn) {
  const calls = callsOf(turn, 'call')
  const { input, output } = usageOf(turn)
  const message: Record<string, unknown> = { role: 'assistant', content: turn.text ?? '' }
  if (turn.thought) message.reasoning_content = turn.thought
  if (calls.length > 0) {
    message.tool_calls = calls.map(({ id, name, text }) => ({
      id,
      type: 'function',
      function: { name, arguments: text },
    }))
  }
  return {
    object: 'chat.completion',
    choices: [{ index: 0, message, finish_reason: calls.length > 0 ? 'tool_calls' : 'stop' }],
    usage: { prompt_tokens: input, completion_tokens: output, total_tokens: input + output },
  }
}

function anthropicEvents(turn: Turn): string[] {
  const { input, output } = usageOf(turn)
  const calls = callsOf(turn, 'toolu')
  const blocks: { start: unknown; deltas: unknown[] }[] = []
  if (turn.thought || turn.signature) {
    blocks.push({
      start: { type: 'thinking', thinking: '', signature: '' },
      deltas: [
        ...words(turn.thought).map((thinking) => ({ type: 'thinking_delta', thinking })),
        { type: 'signature_delta', signature: turn.signature ?? 'c2lnbmVk' },
      ],
    })
  }
  if (turn.text) {
    const deltas = words(turn.text).map((text) => ({ type: 'text_delta', text }))
    blocks.push({ start: { type: 'text', text: '' }, deltas })
  }
  for (const { id, name, text } of calls) {
    const deltas = [{ type: 'input_json_delta', partial_json: text }]
    blocks.push({ start: { type: 'tool_use', id, name, input: {} }, deltas })
  }
  const events: { type: string; [key: string]: unknown }[] = [
    {
      type: 'message_start',
      message: { type: 'message', content: [], usage: { input_tokens: input, output_tokens: 1 } },
    },
    { type: 'ping' },
    ...blocks.flatMap(({ start, deltas }, index) => [
      { type: 'content_block_start', index, content_block: start },
      ...deltas.map((delta) => ({ type: 'content_block_delta', index, delta })),
      { type: 'content_block_stop', index },
    ]),
    {
      type: 'message_delta',
      delta: { stop_reason: calls.length > 0 ? 'tool_use' : 'end_turn' },
      usage: { output_tokens: output },
    },
    { type: 'message_stop' },
  ]
  return events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`)
}

function anthropicWhole(turn: Turn) {
  const calls = callsOf(turn, 'toolu')
  const { input, output } = usageOf(turn)
  return {
    type: 'message',
    role: 'assistant',
    content: [
      ...(turn.thought ? [{ type: 'thinking', thinking: turn.thought, signature: turn.signature ?? 'c2lnbmVk' }] : []),
      ...(turn.text ? [{ type: 'text', text: turn.text }] : []),
      ...calls.map(({ id, name, text }) => ({ type: 'tool_use', id, name, input: JSON.parse(text) as unknown })),
    ],
    stop_reason: calls.length > 0 ? 'tool_use' : 'end_turn',
    usage: { input_tokens: input, output_tokens: output },
  }
}
