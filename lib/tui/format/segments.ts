export interface Segment {
  segment: string
  /** Where it begins, in UTF-16 units. */
  index: number
}

/**
 * Characters that are a grapheme each, unless one that is not of these follows: ASCII, Latin, Greek, Cyrillic, CJK. A
 * segmenter takes microseconds for each grapheme, and far more in a long text.
 */
// oxlint-disable-next-line no-control-regex
const solo =
  /[\t\n\x20-\x7e\xa0-\u02ff\u0370-\u0482\u048a-\u052f\u2010-\u2027\u3001-\u3029\u3041-\u3096\u30a1-\u30fa\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uff01-\uff60\ufffc]+/y

/** What is given to the segmenter at once; a grapheme is never longer than half of it. */
const window = 256

let segmenter: Intl.Segmenter | undefined

/** The graphemes of any text as it stands, harmful characters included: for what moves a cursor in it. */
export function segments(text: string): Segment[] {
  const found: Segment[] = []
  let at = 0
  while (at < text.length) {
    solo.lastIndex = at
    const run = solo.exec(text)?.[0].length ?? 0
    // The last of a run may carry marks that come after it.
    const sure = at + run === text.length ? run : run - 1
    for (let i = 0; i < sure; i += 1) found.push({ segment: text[at + i]!, index: at + i })
    at += Math.max(0, sure)
    if (at < text.length) at = segmentFrom(text, at, found)
  }
  return found
}

/** Adds the graphemes of a window, all but the last where the text goes on: that one may not be whole. */
function segmentFrom(text: string, from: number, found: Segment[]): number {
  const part = text.slice(from, from + window)
  segmenter ??= new Intl.Segmenter(undefined, { granularity: 'grapheme' })
  const parts = [...segmenter.segment(part)]
  const whole = from + part.length === text.length ? parts.length : Math.max(1, parts.length - 1)
  for (const { segment, index } of parts.slice(0, whole)) found.push({ segment, index: from + index })
  const last = found.at(-1)!
  return last.index + last.segment.length
}
