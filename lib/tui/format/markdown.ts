import { Lexer, type Token, type Tokens } from 'marked'
import type { Tone } from '../../config/theme.ts'
import { codeRows, type Colours } from './code.ts'
import { inline } from './inline.ts'
import { rowWidth, wrap, type Row, type Span } from './wrap.ts'

/** Deeper nesting than anybody writes is shown as it stands: the lexer would recurse as deep. */
const deepest = 12

/** Lays out a block of harmless Markdown prose in rows of at most `width` columns; `colours` is for code in lists. */
export function markdown(source: string, width: number, colours?: Colours): Row[] {
  if (tooDeep(source)) return wrap([span(source, 'normal')], width)
  // Only blocks are marked's: what is inside of them it would queue for `inlineTokens`, which is never called.
  const tokens = new Lexer({ gfm: true }).blockTokens(source, [])
  return trimmed(blocks(tokens, { width, prefix: [], tone: 'normal', colours }))
}

/** Where rows are laid out: what stands before each of them, and the tone of plain text. */
interface Place {
  width: number
  prefix: Row
  tone: Tone
  colours: Colours | undefined
}

function blocks(tokens: Token[], place: Place): Row[] {
  return tokens.flatMap((token, i) => {
    const rows = token.type === 'space' ? [] : block(token as Tokens.Generic, place)
    const apart = i > 0 && rows.length > 0 && tokens[i - 1]!.raw.endsWith('\n\n')
    return apart ? [place.prefix, ...rows] : rows
  })
}

function block(token: Tokens.Generic, place: Place): Row[] {
  switch (token.type) {
    case 'heading':
      return wrap(inline(token.text, 'strong'), place.width, place.prefix)
    case 'paragraph':
    case 'text':
      return wrap(inline(token.text, place.tone), place.width, place.prefix)
    case 'list':
      return list(token as Tokens.List, place)
    case 'code':
      return code(token as Tokens.Code, place)
    case 'blockquote':
      return trimmed(
        blocks(token.tokens ?? [], { ...place, prefix: [...place.prefix, span('│ ', 'line', '> ')], tone: 'dim' }),
      )
    case 'hr':
      return [[...place.prefix, span('─'.repeat(Math.max(1, place.width - rowWidth(place.prefix))), 'line', '---')]]
    case 'def':
      // What refers to it may stand in another block: it is shown like a footnote, beside the mark that links have.
      return wrap([span(`[${token.tag}] ${token.href}`, 'dim')], place.width, place.prefix)
    case 'table':
      return table(token as Tokens.Table, place)
    default:
      return wrap([span(token.raw.trimEnd(), place.tone)], place.width, place.prefix)
  }
}

function code(token: Tokens.Code, { width, prefix, colours }: Place): Row[] {
  return codeRows(token.lang ?? '', token.text.split('\n'), colours, width, [...prefix, span('  ', 'normal', '')])
}

function list(token: Tokens.List, place: Place): Row[] {
  const start = token.start === '' ? 1 : token.start
  const widest = token.ordered ? String(start + token.items.length - 1).length + 2 : 2
  return token.items.flatMap((item, i) => {
    const hang: Row = [...place.prefix, span(' '.repeat(widest), 'normal')]
    const [first = hang, ...others] = trimmed(blocks(item.tokens, { ...place, prefix: hang }))
    const loose = token.loose && i > 0 ? [place.prefix] : []
    return [
      ...loose,
      [...place.prefix, marker(item, token.ordered ? start + i : 0, widest), ...first.slice(hang.length)],
      ...others,
    ]
  })
}

function marker(item: Tokens.ListItem, number: number, width: number): Span {
  if (item.task) return item.checked ? span('✓ ', 'ok', '- [x] ') : span('○ ', 'dim', '- [ ] ')
  return number > 0 ? span(`${number}. `.padStart(width), 'dim') : span('• ', 'dim', '- ')
}

/** Columns as wide as they want to be; where that is too wide, cells are wrapped in what the columns get. */
function table(token: Tokens.Table, place: Place): Row[] {
  const cells = [token.header, ...token.rows].map((row, i) =>
    row.map((cell) => inline(cell.text, i === 0 ? 'strong' : place.tone)),
  )
  const gap = '  '
  const room = place.width - rowWidth(place.prefix) - gap.length * (token.header.length - 1)
  const wanted = token.header.map((_, c) => Math.max(1, ...cells.map((row) => rowWidth(row[c] ?? []))))
  const widths = share(wanted, room)
  const rows: Row[] = []
  for (const [i, row] of cells.entries()) {
    const columns = widths.map((width, c) => wrap(row[c] ?? [], width))
    const height = Math.max(...columns.map((column) => column.length))
    for (let y = 0; y < height; y += 1) {
      const line = columns.flatMap((column, c) => [
        ...(c === 0 ? [] : [span(gap, 'normal')]),
        ...aligned(column[y] ?? [], widths[c]!, token.align[c]),
      ])
      rows.push([...place.prefix, ...line])
    }
    if (i === 0) rows.push([...place.prefix, span(widths.map((width) => '─'.repeat(width)).join(gap), 'line')])
  }
  return rows
}

function aligned(content: Row, width: number, align: Tokens.Table['align'][number] | undefined): Row {
  const spare = Math.max(0, width - rowWidth(content))
  const before = align === 'right' ? spare : align === 'center' ? Math.floor(spare / 2) : 0
  return [span(' '.repeat(before), 'normal'), ...content, span(' '.repeat(spare - before), 'normal')]
}

/** Takes from the widest columns first until all fit. */
function share(wanted: number[], room: number): number[] {
  const widths = [...wanted]
  const least = Math.max(1, Math.floor(room / widths.length))
  let over = widths.reduce((sum, width) => sum + width, 0) - room
  while (over > 0) {
    const widest = Math.max(...widths)
    if (widest <= least) break
    const next = Math.max(least, ...widths.filter((width) => width < widest))
    const at = widths.flatMap((width, i) => (width === widest ? [i] : []))
    const take = Math.min(widest - next, Math.ceil(over / at.length))
    for (const i of at) widths[i]! -= take
    over -= take * at.length
  }
  return widths
}

function span(text: string, tone: Tone, copies?: string): Span {
  return copies === undefined ? { text, tone } : { text, tone, copies }
}

/** Without the empty rows at the end. */
function trimmed(rows: Row[]): Row[] {
  const last = rows.findLastIndex((row) => row.some((part) => part.text.trim() !== ''))
  return rows.slice(0, last + 1)
}

function tooDeep(source: string): boolean {
  return source.split('\n').some((line) => {
    const markers = /^[\s>*+-]*/.exec(line)![0].replace(/\s/g, '')
    const rule = markers.length === line.replace(/\s/g, '').length && !markers.includes('>')
    return markers.length > deepest && !rule
  })
}
