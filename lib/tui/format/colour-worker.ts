import { isMainThread, parentPort, workerData } from 'node:worker_threads'
import { tones } from '../../config/theme.ts'

/** What is asked of the worker: the lines of a text in a language of languages.ts. */
export interface ColourRequest {
  id: number
  language: string
  text: string
}

/** By line the number of its stretches, then the length and the tone's number of each. Empty: it cannot be coloured. */
export interface ColourAnswer {
  id: number
  stretches: Uint16Array
}

/** What a worker is started with, so that this file does something there and nothing anywhere else. */
export const colourRole = 'drydock colours'

/** This file, for whoever starts a worker of it. */
export const colourFile = import.meta.url

if (!isMainThread && workerData === colourRole) {
  parentPort!.on('message', (request: ColourRequest) => void answer(request))
}

async function answer({ id, language, text }: ColourRequest): Promise<void> {
  const { colour, loadColouring } = await import('./colouring.ts')
  const rows = colour(await loadColouring(language), language, text) ?? []
  const numbers: number[] = []
  for (const row of rows) {
    numbers.push(row.length)
    for (const { text: part, tone } of row) numbers.push(part.length, tones.indexOf(tone))
  }
  const stretches = Uint16Array.from(numbers)
  parentPort!.postMessage({ id, stretches } satisfies ColourAnswer, [stretches.buffer])
}
