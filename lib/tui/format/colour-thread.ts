import type { Worker } from 'node:worker_threads'
import { tones, type Tone } from '../../config/theme.ts'
import type { ColourAnswer, ColourRequest } from './colour-worker.ts'

/** A line that is longer costs more than it is worth (LIBRARIES: one identifier of 50,000 letters took 6 s): it stays plain. */
const longestColoured = 1_000
/** Milliseconds that a text may take; one that takes longer stays plain. */
const patienceMs = 5_000
/** Milliseconds without work after which the worker gives its memory back. */
const restMs = 30_000

/** A part of a line in one tone; `length` in UTF-16 units. */
export interface Coloured {
  length: number
  tone: Tone
}

interface Waiting {
  resolve(rows: Coloured[][]): void
  timer: NodeJS.Timeout
}

/** Colours code in a thread of its own, which is started when it is first needed and ends when it has nothing to do. */
export class ColourThread {
  private worker: Promise<Worker> | undefined
  private readonly waiting = new Map<number, Waiting>()
  private last = 0
  private rest: NodeJS.Timeout | undefined

  /** The colours of lines in a language of languages.ts; no rows where it takes too long. */
  async colour(language: string, lines: readonly string[]): Promise<Coloured[][]> {
    const text = lines.map((line) => (line.length > longestColoured ? '' : line)).join('\n')
    const id = (this.last += 1)
    clearTimeout(this.rest)
    const worker = await (this.worker ??= this.start())
    return new Promise((resolve) => {
      // Whatever keeps it busy would keep all that come after waiting.
      const timer = setTimeout(() => void this.dispose(), patienceMs).unref()
      this.waiting.set(id, { resolve, timer })
      worker.postMessage({ id, language, text } satisfies ColourRequest, [])
    })
  }

  async dispose(): Promise<void> {
    const { worker } = this
    this.worker = undefined
    for (const id of this.waiting.keys()) this.settle(id, [])
    clearTimeout(this.rest)
    await (await worker)?.terminate()
  }

  private async start(): Promise<Worker> {
    const [{ Worker }, { colourFile, colourRole }] = await Promise.all([
      import('node:worker_threads'),
      import('./colour-worker.ts'),
    ])
    const worker = new Worker(new URL(colourFile), { workerData: colourRole })
    worker.unref()
    worker.on('message', ({ id, stretches }: ColourAnswer) => this.settle(id, rowsOf(stretches)))
    worker.on('error', () => void this.dispose())
    return worker
  }

  private settle(id: number, rows: Coloured[][]): void {
    const waiting = this.waiting.get(id)
    if (waiting === undefined) return
    this.waiting.delete(id)
    clearTimeout(waiting.timer)
    waiting.resolve(rows)
    if (this.waiting.size === 0) this.rest = setTimeout(() => void this.dispose(), restMs).unref()
  }
}

function rowsOf(stretches: Uint16Array): Coloured[][] {
  const rows: Coloured[][] = []
  for (let at = 0; at < stretches.length;) {
    const row: Coloured[] = []
    const end = at + 1 + stretches[at]! * 2
    for (at += 1; at < end; at += 2) row.push({ length: stretches[at]!, tone: tones[stretches[at + 1]!]! })
    rows.push(row)
  }
  return rows
}
