import { eastAsianWidth } from 'get-east-asian-width'
import { harmless, INVISIBLE_SIGN } from './harmless.ts'

/** Columns are the cells of a terminal; a grapheme is what a person sees as one character, and takes one or two. */

/** The longest grapheme that is kept whole, in UTF-16 units; letters buried in marks are cut there. */
const LONGEST = 32

/** Text of which every UTF-16 unit is a grapheme of one column: ASCII, Latin, Greek, Cyrillic, lines, blocks, signs. */
const simple =
  /^[\x20-\x7e\xa1-\xa8\xaa-\xac\xaf-\u02ff\u0370-\u0377\u037a-\u037f\u0384-\u0482\u048a-\u052f\u2010-\u2027\u2030-\u203b\u203d-\u2048\u204a-\u205e\u20a0-\u20bf\u2190-\u2193\u2200-\u22ff\u2380-\u23ce\u2400-\u2426\u2500-\u25a9\u25ac-\u25b5\u25b7-\u25bf\u25c1-\u25fa\u2713\u2715-\u2718\u2800-\u28ff\ufffd]*$/

let segmenter: Intl.Segmenter | undefined

/** True where each UTF-16 unit of the text is one grapheme in one column. */
export function isSimple(text: string): boolean {
  return simple.test(text)
}

/**
 * The graphemes of harmless text, as a terminal can show them: those that nobody could see become a sign, overlong ones
 * are cut, and letters joined by their script (conjuncts) are taken apart, because most terminals do.
 */
export function graphemes(text: string): string[] {
  if (isSimple(text)) return text.split('')
  return split(text).flatMap(apart).map(visible)
}

/** A letter with what stands on or under it. Jamo vowels and finals belong to the syllable before. */
const letters = /[^\p{M}\u1160-\u11ff\ud7b0-\ud7ff\u200c\u200d]?(?:\p{M}|[\u1160-\u11ff\ud7b0-\ud7ff]|\u200c|\u200d)*/gu

function apart(grapheme: string): string | string[] {
  if (grapheme.length === 1 || emoji.test(grapheme)) return grapheme
  return grapheme.match(letters)!.filter((letter) => letter !== '')
}

/** Any text in graphemes, as it is. */
export function split(text: string): string[] {
  if (isSimple(text)) return text.split('')
  segmenter ??= new Intl.Segmenter(undefined, { granularity: 'grapheme' })
  return Array.from(segmenter.segment(text), ({ segment }) => segment)
}

function visible(grapheme: string): string {
  if (columnsOf(grapheme) === 0) return INVISIBLE_SIGN
  if (grapheme.length <= LONGEST) return grapheme
  return grapheme.slice(0, LONGEST).replace(/[\ud800-\udbff]$/, '')
}

const known = new Map<string, number>()

/** The columns of one grapheme: 0 (nothing to see), 1 or 2. */
export function columnsOf(grapheme: string): number {
  if (grapheme.length === 1 && (isAscii(grapheme.charCodeAt(0)) || isSimple(grapheme))) return 1
  let width = known.get(grapheme)
  if (width === undefined) {
    width = emoji.test(grapheme) ? emojiColumns(grapheme) : lettersColumns(grapheme)
    if (known.size > 20_000) known.clear()
    known.set(grapheme, width)
  }
  return width
}

/** Wide where the character is, or where a sequence asks for the picture (UTS #51). */
function emojiColumns(grapheme: string): number {
  return picture.test(grapheme) ? 2 : eastAsianWidth(grapheme.codePointAt(0)!)
}

function isAscii(code: number): boolean {
  return code >= 0x20 && code < 0x7f
}

/** As the C library counts (wcwidth): what stands on, under or within a letter takes no column of its own. */
function lettersColumns(grapheme: string): number {
  let width = 0
  for (const letter of grapheme) if (!noColumn.test(letter)) width += eastAsianWidth(letter.codePointAt(0)!)
  return Math.min(2, width)
}

/** The columns that a line of text takes on the canvas, which draws its harmless form. */
export function columns(text: string): number {
  const safe = harmless(text)
  if (isSimple(safe)) return safe.length
  let sum = 0
  for (const grapheme of graphemes(safe)) sum += columnsOf(grapheme)
  return sum
}

/** The beginning of a line that fits in `max` columns; where something had to go, it ends in `…`. */
export function cut(text: string, max: number): string {
  const safe = harmless(text.slice(0, (Math.max(0, max) + 1) * LONGEST))
  if (max <= 0) return ''
  if (isSimple(safe)) return safe.length <= max ? safe : `${safe.slice(0, max - 1)}…`
  let kept = ''
  let length = 0
  let fitting = ''
  for (const grapheme of graphemes(safe)) {
    length += columnsOf(grapheme)
    if (length > max) return `${fitting}…`
    kept += grapheme
    if (length < max) fitting = kept
  }
  return kept
}

/**
 * True for a grapheme on whose width terminals disagree, after which the cursor has to be placed anew: emoji, joined ones
 * above all; marks and wide characters that came into Unicode after the tables of many terminals (xterm.js has those of
 * Unicode 6), or are few enough to be left out.
 */
export function isUncertain(grapheme: string): boolean {
  const code = grapheme.codePointAt(0)!
  if (code < 0x2000 && grapheme.length === 1) return false
  if (emoji.test(grapheme)) return true
  if (grapheme.length > (code > 0xffff ? 2 : 1)) return !agreedMarks.test(grapheme)
  return columnsOf(grapheme) === 2 && !agreedWide.test(grapheme)
}

/** A letter with marks of the one block that every terminal knows. */
const agreedMarks = /^.[\u0300-\u036f]+$/u
/** Chinese, Japanese, Korean and full-width forms, which have been wide since terminals know of wide characters. */
const agreedWide =
  /^[\u1100-\u115f\u2e80-\u2ff7\u3001-\u303e\u3041-\u3247\u3250-\u4dbf\u4e00-\ua4c6\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6b\uff01-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]$/u
const emoji = /\p{Extended_Pictographic}|\p{Emoji_Modifier}|[\u{1f1e6}-\u{1f1ff}]|[\ufe00-\ufe0f]|\u20e3/u
const picture =
  /\p{Extended_Pictographic}\ufe0f|\u20e3|[\u{1f1e6}-\u{1f1ff}]{2}|\p{Emoji_Modifier}|\u200d\p{Extended_Pictographic}/u
const noColumn = /\p{Mn}|\p{Me}|\p{Cc}|\p{Cf}|\p{Surrogate}|[\u1160-\u11ff\ud7b0-\ud7ff\u200b-\u200d]/u

/** The characters of a row that begin between two columns. */
export function textBetween(text: string, from: number, to: number): string {
  if (isSimple(text)) return text.slice(from, to)
  let kept = ''
  let at = 0
  for (const grapheme of graphemes(text)) {
    if (at >= from && at < to) kept += grapheme
    at += columnsOf(grapheme)
  }
  return kept
}
