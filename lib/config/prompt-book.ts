import { appendFileSync, chmodSync, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { sha256 } from '../core/hash.ts'
import { readSmallFile, writeWhole } from './files.ts'

/** How many prompts of a project are kept, and how many bytes of them. */
const mostPrompts = 1_000
const mostBytes = 1024 * 1024
/** A prompt with more, mostly something long that was pasted, is not kept. */
const longestPrompt = 32 * 1024

export interface PromptBookOptions {
  dataDir: string
  /** Absolute path of the project. */
  project: string
  /** Milliseconds since 1970. */
  now?: () => number
}

/**
 * The prompts that were sent in a project, from session to session: a private file (mode 0600) with a line of JSON each.
 * A line is written at once, so that several sessions can add to it. What cannot be read is passed over; what cannot be
 * written is not kept: the prompt itself is in the session's log.
 */
export class PromptBook {
  private readonly options: PromptBookOptions
  private readonly now: () => number
  /** What came before it was known what is secret. */
  private held: string[] = []
  private redact: ((text: string) => string) | undefined

  constructor(options: PromptBookOptions) {
    this.options = options
    this.now = options.now ?? Date.now
  }

  /** Named when it is asked for: a start has no use for it. */
  private get file(): string {
    const { dataDir, project } = this.options
    const name = sha256(project).slice(0, 24)
    return join(dataDir, 'prompts', `${name}.jsonl`)
  }

  /** Begins to write. `redact` takes the known secrets out of a text. */
  open(redact: (text: string) => string): void {
    this.redact = redact
    for (const text of this.held.splice(0)) this.keep(text)
  }

  /** What was kept, the latest last. */
  recent(): string[] {
    try {
      const read = readSmallFile(this.file, { largest: mostBytes * 2 })
      if (read === undefined) return []
      const lines = read.bytes.toString().split('\n').filter(Boolean)
      const kept = withinLimits(lines)
      if (read.bytes.length > mostBytes || lines.length > mostPrompts * 1.5)
        writeWhole(this.file, kept.map((line) => `${line}\n`).join(''), 0o600)
      return kept.flatMap(textOf)
    } catch {
      return []
    }
  }

  /** Keeps one more. Never throws. */
  keep(text: string): void {
    if (this.redact === undefined) return void this.held.push(text)
    const line = `${JSON.stringify({ at: this.now(), text: this.redact(text) })}\n`
    if (Buffer.byteLength(line) > longestPrompt) return
    try {
      mkdirSync(dirname(this.file), { recursive: true, mode: 0o700 })
      appendFileSync(this.file, line, { mode: 0o600 })
      chmodSync(this.file, 0o600)
    } catch {
      // It can be recalled in this session all the same.
    }
  }
}

/** The latest lines that are few and short enough together. */
function withinLimits(lines: readonly string[]): string[] {
  let bytes = 0
  const from = lines.findLastIndex((line, i) => {
    bytes += Buffer.byteLength(line) + 1
    return bytes > mostBytes || lines.length - i > mostPrompts
  })
  return lines.slice(from + 1)
}

function textOf(line: string): string[] {
  try {
    const { text } = JSON.parse(line) as { text?: unknown }
    return typeof text === 'string' ? [text] : []
  } catch {
    return [] // cut short by a crash
  }
}
