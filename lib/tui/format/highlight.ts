import type { HLJSApi } from 'highlight.js'
import { colour, loadColouring } from './colouring.ts'
import { ColourThread, type Coloured } from './colour-thread.ts'
import { languageOf } from './languages.ts'
import type { Row } from './wrap.ts'

/** What is larger takes longer than a part of a frame: it is coloured in a thread of its own. */
const atOnce = 8_192
/** Beyond these, colours cost more than they tell: the code stays plain. */
const largest = 262_144
const longestLine = 1_000
/** Texts from the thread that are kept until whoever waits for them has asked again. */
const mostKept = 16

/**
 * Colours code by language, for all of a screen. The highlighter and each language are loaded when first asked for; until
 * then, and until a large text is coloured in a thread of its own, `rows` gives undefined, and who listens hears of it once
 * it is worth asking again.
 */
export class Highlighter {
  private api: HLJSApi | undefined
  private readonly asked = new Set<string>()
  private readonly listeners = new Set<() => void>()
  private readonly thread = new ColourThread()
  /** By language and text; null: it is being coloured, or cannot be. */
  private readonly large = new Map<string, Row[] | null>()

  /** `listener` is called when there are colours that there were not before. */
  onLoaded(listener: () => void): void {
    this.listeners.add(listener)
  }

  /** One row for each line, or undefined where the language is unknown, the code too large, or its colours not there yet. */
  rows(language: string, lines: readonly string[]): Row[] | undefined {
    const name = languageOf(language)
    if (name === undefined || lines.some((line) => line.length > longestLine)) return undefined
    const code = lines.join('\n')
    if (code.length > largest) return undefined
    if (code.length > atOnce) return this.largeRows(name, lines, code)
    if (this.api?.getLanguage(name) === undefined) {
      void this.load(name)
      return undefined
    }
    return colour(this.api, name, code)
  }

  /** The colours of any lines, from a thread of its own; no rows where the language is unknown or it takes too long. */
  async inThread(language: string, lines: readonly string[]): Promise<Coloured[][]> {
    const name = languageOf(language)
    return name === undefined ? [] : await this.thread.colour(name, lines)
  }

  /** Ends the thread, if there is one. It can be used again. */
  async dispose(): Promise<void> {
    await this.thread.dispose()
  }

  private largeRows(name: string, lines: readonly string[], code: string): Row[] | undefined {
    const key = `${name}\n${code}`
    const known = this.large.get(key)
    if (known !== undefined) return known ?? undefined
    if (this.large.size >= mostKept) this.large.delete(this.large.keys().next().value!)
    this.large.set(key, null)
    void this.thread.colour(name, lines).then((coloured) => {
      if (coloured.length !== lines.length || !this.large.has(key)) return
      this.large.set(
        key,
        lines.map((line, i) => rowOf(line, coloured[i]!)),
      )
      this.tell()
    })
    return undefined
  }

  private async load(name: string): Promise<void> {
    if (this.asked.has(name)) return
    this.asked.add(name)
    this.api = await loadColouring(name)
    this.tell()
  }

  private tell(): void {
    for (const listener of this.listeners) listener()
  }
}

function rowOf(line: string, coloured: readonly Coloured[]): Row {
  let at = 0
  return coloured.map(({ length, tone }) => ({ text: line.slice(at, (at += length)), tone }))
}
