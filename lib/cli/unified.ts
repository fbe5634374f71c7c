import type { Change, DiffLine, FileDiff, Hunk } from '../core/changes.ts'

/** How a line of a diff is painted. */
export type Painter = (kind: 'head' | 'hunk' | 'added' | 'removed' | 'note', text: string) => string

/** For a file or another program: byte for byte, so that it is a patch. */
export const plain: Painter = (_kind, text) => text

/** For a terminal where colour is not wanted. */
export const uncoloured: Painter = (_kind, text) => visible(text)

const codes = { head: '1', hunk: '36', added: '32', removed: '31', note: '2' }

/** Paints with the terminal's own 16 colours. What a file holds cannot paint or do anything else: see `visible`. */
export const coloured: Painter = (kind, text) => `\x1b[${codes[kind]}m${visible(text)}\x1b[0m`

/**
 * A file's diff as text, in the format of git: what `git apply` makes of it is what `agent apply` does, but for binary
 * files and links, of which a note is all that is said.
 */
export function unified(diff: FileDiff, paint: Painter): string {
  const { change, hunks, note } = diff
  const lines = heads(diff).map((line) => paint('head', line))
  for (const hunk of hunks)
    lines.push(paint('hunk', heading(hunk, hunks)), ...hunk.lines.flatMap((line) => linesOf(line, paint)))
  if (note) lines.push(paint('note', `# ${note}`))
  if (change.sensitive) lines.push(paint('note', `# wants a yes of its own: ${change.sensitive}`))
  if (change.refused) lines.push(paint('note', `# not applied: ${change.refused}`))
  return `${lines.join('\n')}\n`
}

function heads({ change, hunks }: FileDiff): string[] {
  const { path, kind, executable, from: old } = change
  if (old !== undefined) return renamed(path, old)
  const [before, after] = [quoted(`a/${path}`), quoted(`b/${path}`)]
  const lines = [`diff --git ${before} ${after}`]
  if (kind === 'added') lines.push(`new file mode ${modeOf(executable)}`)
  else if (kind === 'deleted') lines.push(`deleted file mode ${modeOf()}`)
  else if (executable !== undefined) lines.push(`old mode ${modeOf(!executable)}`, `new mode ${modeOf(executable)}`)
  if (hunks.length === 0) return lines
  const from = kind === 'added' ? '/dev/null' : marked(before)
  const to = kind === 'deleted' ? '/dev/null' : marked(after)
  return [...lines, `--- ${from}`, `+++ ${to}`]
}

function modeOf(executable = false): string {
  return executable ? '100755' : '100644'
}

/** A name with a blank in it ends with a tab, so that no date is looked for in it. */
function marked(name: string): string {
  return name.includes(' ') ? `${name}\t` : name
}

/** A name as git writes it: in C's quotes where it has characters that would break the line or the quotes. */
function quoted(name: string): string {
  const inside = name.replaceAll(/["\\]/g, '\\$&').replaceAll(/[\x00-\x1f\x7f]/g, octal)
  return inside === name ? name : `"${inside}"`
}

function octal(character: string): string {
  return `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`
}

/** One line a change, as `agent run` and `agent diff` sum them up: `M src/a.js +6 −2`. */
export function summary(change: Change): string {
  const sign = { added: 'A', changed: 'M', deleted: 'D', renamed: 'R' }[change.kind]
  const counts = change.added === undefined ? (change.binary ? ' binary' : '') : ` +${change.added} −${change.removed}`
  return `${sign} ${change.from === undefined ? '' : `${visible(change.from)} → `}${visible(change.path)}${counts}${change.refused ? ` (not applied: ${change.refused})` : change.sensitive ? ' (wants a yes of its own)' : ''}`
}

/** For a patch to fit, a line's carriage return belongs to it; to be looked at, it does not. */
function linesOf({ sign, text, end }: DiffLine, paint: Painter): string[] {
  const isPatch = paint === plain
  const whole = `${sign}${text}${isPatch && end === '\r\n' ? '\r' : ''}`
  const shown = sign === ' ' ? (isPatch ? whole : visible(whole)) : paint(sign === '+' ? 'added' : 'removed', whole)
  return end === '' ? [shown, paint('note', '\\ No newline at end of file')] : [shown]
}

/** As git says it. */
function renamed(path: string, from: string): string[] {
  return [
    `diff --git ${quoted(`a/${from}`)} ${quoted(`b/${path}`)}`,
    'similarity index 100%',
    `rename from ${quoted(from)}`,
    `rename to ${quoted(path)}`,
  ]
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
