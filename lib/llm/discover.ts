import { readText, type Http } from './http.ts'
import { list, record, string } from './json.ts'

/** A model service found on this machine. */
export interface LocalService {
  /** What usually listens on that port: a guess, good for a label. */
  name: string
  baseUrl: string
  models: string[]
}

/** Where local services listen by default. */
const usual: Readonly<Record<number, string>> = { 11434: 'Ollama', 1234: 'LM Studio', 8080: 'llama.cpp', 8000: 'vLLM' }

const answerMs = 500
const largestList = 1024 * 1024

/**
 * Looks for OpenAI-compatible services on loopback, and nowhere else: those that answer `GET /v1/models` with a list
 * within half a second. Gives them in the order of `ports`; none at all is an empty list. Throws only on abort.
 */
export async function findLocal(
  http: Pick<Http, 'request'>,
  signal: AbortSignal,
  ports: readonly number[] = [11434, 1234, 8080, 8000],
): Promise<LocalService[]> {
  const found = await Promise.all(ports.map((port) => look(http, port, signal)))
  signal.throwIfAborted()
  return found.filter((service) => service !== undefined)
}

async function look(http: Pick<Http, 'request'>, port: number, signal: AbortSignal): Promise<LocalService | undefined> {
  const baseUrl = `http://127.0.0.1:${port}/v1`
  try {
    const response = await http.request({
      method: 'GET',
      url: `${baseUrl}/models`,
      headers: { accept: 'application/json' },
      signal: AbortSignal.any([signal, AbortSignal.timeout(answerMs)]),
    })
    if (response.status !== 200) {
      response.close()
      return undefined
    }
    const models = record(JSON.parse(await readText(response, largestList))).data
    if (!Array.isArray(models)) return undefined
    const names = list(models).map((model) => string(record(model).id))
    return { name: usual[port] ?? 'local', baseUrl, models: names.filter(Boolean) }
  } catch {
    // Nothing there, or nothing that is a model service: both are no find.
    return undefined
  }
}
