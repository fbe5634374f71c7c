import type { Change, FileDiff, Hunk } from '../core/changes.ts'

/** How a line of a diff is painted; `plain` where the output is no terminal or colour is not wanted. */
export type Painter = (kind: 'head' | 'hunk' | 'added' | 'removed' | 'note', text: string) => string

export const plain: Painter = (_kind, text) => text

const codes = { head: '1', hunk: '36', added: '32', removed: '31', note: '2' }

/** Paints with the terminal's own 16 colours. What a file holds cannot paint or do anything else: see `visible`. */
export const coloured: Painter = (kind, text) => `\x1b[${codes[kind]}m${visible(text)}\x1b[0m`

/** A file's diff as text in the unified format that `patch` reads (for text files). */
export function unified(diff: FileDiff, paint: Painter): string {
  const { change, hunks, note } = diff
  if (change.from !== undefined)
    return `${renamed(change.path, change.from)
      .map((line) => paint('head', line))
      .join('\n')}\n`
  const lines = [
    paint('head', `--- ${change.kind === 'added' ? '/dev/null' : `a/${change.path}`}`),
    paint('head', `+++ ${change.kind === 'deleted' ? '/dev/null' : `b/${change.path}`}`),
  ]
  for (const hunk of hunks)
    lines.push(paint('hunk', heading(hunk, hunks)), ...hunk.lines.map((line) => lineOf(line, paint)))
  if (note) lines.push(paint('note', `# ${note}`))
  if (change.sensitive) lines.push(paint('note', `# wants a yes of its own: ${change.sensitive}`))
  if (change.refused) lines.push(paint('note', `# not applied: ${change.refused}`))
  return `${lines.join('\n')}\n`
}

/** One line a change, as `agent run` and `agent diff` sum them up: `M src/a.js +6 −2`. */
export function summary(change: Change): string {
  const sign = { added: 'A', changed: 'M', deleted: 'D', renamed: 'R' }[change.kind]
  const counts = change.added === undefined ? (change.binary ? ' binary' : '') : ` +${change.added} −${change.removed}`
  return `${sign} ${change.from === undefined ? '' : `${visible(change.from)} → `}${visible(change.path)}${counts}${change.refused ? ` (not applied: ${change.refused})` : change.sensitive ? ' (wants a yes of its own)' : ''}`
}

function lineOf({ sign, text }: Hunk['lines'][number], paint: Painter): string {
  if (sign === ' ') return paint === plain ? ` ${text}` : ` ${visible(text)}`
  return paint(sign === '+' ? 'added' : 'removed', `${sign}${text}`)
}

/** As git says it. */
function renamed(path: string, from: string): string[] {
  return [`diff --git a/${from} b/${path}`, 'similarity index 100%', `rename from ${from}`, `rename to ${path}`]
}

/** A side without lines is said to stand after the line before. */
function range(start: number, lines: number): string {
  return `${lines === 0 ? start - 1 : start},${lines}`
}

/** With the number by which `agent apply --hunks` takes it, where there are several. */
function heading(hunk: Hunk, hunks: readonly Hunk[]): string {
  const { beforeStart, beforeLines, afterStart, afterLines } = hunk
  const number = hunks.length > 1 ? ` hunk ${hunks.indexOf(hunk) + 1}` : ''
  return `@@ -${range(beforeStart, beforeLines)} +${range(afterStart, afterLines)} @@${number}`
}

const strange = /[\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]/gu

/**
 * One line of text from outside, safe to write to a terminal outside the screen: control, bidi and escape characters
 * become their pictures or `�`. Tabs stay.
 */
export function visible(line: string): string {
  return line
    .replaceAll(/[\x00-\x08\x0a-\x1f]/g, (character) => String.fromCodePoint(0x2400 + character.charCodeAt(0)))
    .replaceAll(strange, '\ufffd')
}

/** The same for text of several lines. */
export function visibleText(text: string): string {
  return text.split('\n').map(visible).join('\n')
}

/** One line of JSON that is as harmless to look at: what JSON leaves raw is escaped too. */
export function jsonLine(value: unknown): string {
  return `${JSON.stringify(value).replaceAll(strange, escaped)}\n`
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}
