import { columnsOf, graphemes, isSimple } from '../width.ts'
import { harmless } from '../harmless.ts'
import type { Row, Span } from './wrap.ts'

/** Whatever a reader cannot see, or not as what it is: controls, format characters, spaces other than the space. */
const unseen =
  /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Cs}\p{Zl}\p{Zp}\u115f\u1160\u3164\uffa0]|\p{Variation_Selector}|(?! )\p{Zs}/gu

/** A line of what is to run, nothing of it hidden: what cannot be seen is written as an escape, and stands out. */
export function escaped(line: string): Row {
  const spans: Span[] = []
  let at = 0
  for (const { 0: found, index } of line.matchAll(unseen)) {
    if (index > at) spans.push({ text: harmless(line.slice(at, index)), tone: 'code' })
    spans.push({ text: escapeOf(found), tone: 'danger' })
    at = index + found.length
  }
  if (at < line.length) spans.push({ text: harmless(line.slice(at)), tone: 'code' })
  // Blanks at the end would not be seen either.
  const last = spans.at(-1)
  const blanks = last?.tone === 'code' ? /(?<=^|[^ ]) +$/.exec(last.text)?.[0].length : undefined
  if (last !== undefined && blanks !== undefined) {
    spans[spans.length - 1] = { ...last, text: last.text.slice(0, last.text.length - blanks) }
    spans.push({ text: '·'.repeat(blanks), tone: 'dim' })
  }
  return spans
}

/** A row as rows of so many columns, broken wherever it is full: no blank is lost, as between words. */
export function broken(row: Row, width: number): Row[] {
  const rows: Span[][] = [[]]
  let used = 0
  for (const span of row) {
    let piece = ''
    for (const grapheme of isSimple(span.text) ? span.text : graphemes(span.text)) {
      const taken = columnsOf(grapheme)
      if (used + taken > width && used > 0) {
        rows.at(-1)!.push({ ...span, text: piece })
        rows.push([])
        ;[piece, used] = ['', 0]
      }
      piece += grapheme
      used += taken
    }
    if (piece !== '') rows.at(-1)!.push({ ...span, text: piece })
  }
  return rows
}

function escapeOf(character: string): string {
  if (character === '\t') return '\\t'
  if (character === '\r') return '\\r'
  const code = character.codePointAt(0)!
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`
}
