import { count } from '../format/tokens.ts'

/** Stands in the text for a paste that is kept aside. One column of text for the cursor, a label for the eye. */
export const chip = '\ufffc'

/** A paste beyond either of these becomes a chip: it would fill the composer, and is seldom edited there. */
const foldedLines = 20
const foldedLength = 2_000

/** Text, and what the chips in it stand for, in their order. */
export interface Piece {
  readonly text: string
  readonly chips: readonly Chip[]
}

/** A paste that is kept aside, and what is shown for it. */
export interface Chip {
  readonly text: string
  readonly label: string
}

/** What is being written. Never changed in place, so that undo is a list of them. Places are counted in UTF-16 units. */
export interface Draft extends Piece {
  /** Where the next character goes, always between two graphemes. */
  readonly cursor: number
  /** Where a selection began; the cursor is at its other end. Absent: nothing is selected. */
  readonly anchor?: number
}

export interface Range {
  readonly from: number
  readonly to: number
}

export const empty: Draft = Object.freeze({ text: '', cursor: 0, chips: [] })

/** What is selected, if anything is. */
export function selection({ cursor, anchor }: Draft): Range | undefined {
  if (anchor === undefined || anchor === cursor) return undefined
  return { from: Math.min(anchor, cursor), to: Math.max(anchor, cursor) }
}

/** With something else in the place of a range, the cursor after it, and nothing selected. */
export function replaced(draft: Draft, { from, to }: Range, piece: Piece): Draft {
  const first = chipsIn(draft.text.slice(0, from))
  const gone = chipsIn(draft.text.slice(from, to))
  return {
    text: draft.text.slice(0, from) + piece.text + draft.text.slice(to),
    cursor: from + piece.text.length,
    chips: gone + piece.chips.length === 0 ? draft.chips : draft.chips.toSpliced(first, gone, ...piece.chips),
  }
}

/** A part of it, chips and all. */
export function pieceOf({ text, chips }: Piece, { from, to }: Range): Piece {
  const part = text.slice(from, to)
  const first = chipsIn(text.slice(0, from))
  return { text: part, chips: chips.slice(first, first + chipsIn(part)) }
}

/** What is typed: with one kind of line end, and nothing in it that could pass for a chip. */
export function plain(text: string): Piece {
  return { text: text.replace(/\r\n?/g, '\n').replaceAll(chip, '\ufffd'), chips: [] }
}

/** What is pasted: as it is where it is short, else as a chip. */
export function pasted(text: string): Piece {
  const body = plain(text)
  const isLong = body.text.length > foldedLength || found(body.text, '\n') >= foldedLines
  return isLong ? { text: chip, chips: [{ text: body.text, label: labelOf(body.text) }] } : body
}

/** The whole text with every paste in its place. */
export function expanded({ text, chips }: Piece): string {
  let next = 0
  return text.replaceAll(chip, () => chips[next++]?.text ?? '')
}

/** The chip at a place, if one stands there. */
export function chipAt({ text, chips }: Piece, at: number): Chip | undefined {
  return text[at] === chip ? chips[chipsIn(text.slice(0, at))] : undefined
}

function labelOf(text: string): string {
  const lines = found(text, '\n') + (text.endsWith('\n') ? 0 : 1)
  return `[pasted ${lines > 1 ? count(lines, 'line') : count(text.length, 'character')}]`
}

function chipsIn(text: string): number {
  return found(text, chip)
}

/** How often a character is in a text. */
function found(text: string, character: string): number {
  let times = 0
  for (let at = text.indexOf(character); at >= 0; at = text.indexOf(character, at + 1)) times += 1
  return times
}
