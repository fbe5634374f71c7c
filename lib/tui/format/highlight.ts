import type { HLJSApi } from 'highlight.js'
import { colour, loadColouring } from './colouring.ts'
import { languageOf } from './languages.ts'
import type { Row } from './wrap.ts'

/** Beyond these, colouring costs more than a frame has: the code stays plain. */
const largest = 16_384
const longestLine = 1_000

/**
 * Colours code by language. The highlighter and each language are loaded when first asked for; until then `rows`
 * gives undefined, and `loaded` is called once it is worth asking again.
 */
export class Highlighter {
  private api: HLJSApi | undefined
  private readonly asked = new Set<string>()
  private readonly loaded: () => void

  constructor(loaded: () => void) {
    this.loaded = loaded
  }

  /** One row for each line, or undefined where the language is unknown, not loaded yet, or the code too large. */
  rows(language: string, lines: readonly string[]): Row[] | undefined {
    const name = languageOf(language)
    if (name === undefined || lines.some((line) => line.length > longestLine)) return undefined
    const code = lines.join('\n')
    if (code.length > largest) return undefined
    if (this.api?.getLanguage(name) === undefined) {
      void this.load(name)
      return undefined
    }
    return colour(this.api, name, code)
  }

  private async load(name: string): Promise<void> {
    if (this.asked.has(name)) return
    this.asked.add(name)
    this.api = await loadColouring(name)
    this.loaded()
  }
}
