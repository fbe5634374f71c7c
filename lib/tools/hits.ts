import type { ToolResult } from './tool.ts'

/** One line that a search found, or one beside it. */
export interface Hit {
  /** As it is told: relative to the workspace, or absolute. */
  path: string
  line: number
  text: string
  /** False for a line of context. */
  match: boolean
  /** Where in the text the match begins, in characters. */
  start?: number
}

/** Characters of a line that are shown. */
const longestLine = 400
/** So many of them stand before the match in a line that is cut. */
const beforeMatch = 100

/** What a search wants to show. */
export interface Shown {
  /** Hits, and bytes of all that is shown. */
  most: number
  bytes: number
  /** Lines around the hits are shown too. */
  context: boolean
  /** Whether a file is left out: what can be read of it only stands for a secret. */
  masked: (path: string) => boolean
}

/** Collects hits, grouped by file in the order they come, until there are enough. */
export class Hits {
  private readonly shown: Shown
  private readonly blocks: string[] = []
  private readonly left = new Set<string>()
  private file = ''
  private lastLine = 0
  private files = 0
  private bytes = 0
  count = 0
  /** No more are taken. */
  full = false

  constructor(shown: Shown) {
    this.shown = shown
  }

  add(hit: Hit): void {
    if (this.full) return
    if (this.shown.masked(hit.path)) {
      this.left.add(hit.path)
      return
    }
    const lines = this.linesOf(hit)
    this.bytes += Buffer.byteLength(lines.join('\n')) + 1
    if ((hit.match && this.count >= this.shown.most) || (this.count > 0 && this.bytes > this.shown.bytes)) {
      this.full = true
      return
    }
    this.blocks.push(...lines)
    if (hit.path !== this.file) this.files += 1
    if (hit.match) this.count += 1
    this.file = hit.path
    this.lastLine = hit.line
  }

  /** `notes`: what else there is to tell. */
  result(nothing: string, notes: string[]): ToolResult {
    const told = [...notes]
    if (this.full) told.push(`only the first ${this.count} hits are shown: narrow the search by path, glob or pattern`)
    if (this.left.size > 0) {
      const names = [...this.left].slice(0, 5).join(', ')
      told.push(`left out because they are masked secrets: ${names}; to search one, give its path`)
    }
    const note = told.length > 0 ? `[${told.join('; ')}]` : ''
    if (this.count === 0) return { ok: true, text: [nothing, note].filter(Boolean).join('\n'), summary: 'no hits' }
    const total = `${plural(this.count, 'hit')} in ${plural(this.files, 'file')}`
    const summary = this.full ? `first ${total}` : total
    return { ok: true, text: [summary, ...this.blocks, ...(note === '' ? [] : ['', note])].join('\n'), summary }
  }

  private linesOf({ path, line, text, match, start = 0 }: Hit): string[] {
    const lines: string[] = []
    if (path !== this.file) lines.push(`\n${/[\u0000-\u001f]/.test(path) ? JSON.stringify(path) : path}`)
    else if (this.shown.context && line > this.lastLine + 1) lines.push('…')
    const from = text.length > longestLine ? Math.max(0, start - beforeMatch) : 0
    const shown = text.slice(from, from + longestLine)
    const cut = `${from > 0 ? '…' : ''}${shown}${from + longestLine < text.length ? '…' : ''}`
    lines.push(`${line}${match ? ':' : '-'} ${cut}`)
    return lines
  }
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
