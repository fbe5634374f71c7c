import type { Tone } from '../../config/theme.ts'
import type { DiffLine } from '../../core/changes.ts'
import type { Question } from '../../core/events.ts'
import { broken, escaped } from '../format/escaped.ts'
import { wrap, type Row, type Span } from '../format/wrap.ts'
import { harmless } from '../harmless.ts'

/** A row of what a question is about; a changed line of a diff stands on its ground. */
export interface QuestionRow {
  spans: Row
  ground?: 'added' | 'removed'
}

/**
 * All that a question is about, laid out: the command or the diff whole, with nothing hidden, then what there is to say.
 * `details`: also all arguments of the call.
 */
export function questionRows(question: Question, width: number, details: boolean): QuestionRow[] {
  const { body, shows, call } = question
  const rows: QuestionRow[] = []
  const say = (text: string, tone: Tone) => {
    for (const spans of wrap([{ text: harmless(text), tone }], width)) rows.push({ spans })
  }
  if (shows?.kind === 'command') rows.push(...commandRows(shows.text, width))
  if (shows?.kind === 'diff')
    for (const { path, hunks, note } of shows.files) {
      if (rows.length > 0) rows.push({ spans: [] })
      say(path, 'strong')
      if (note !== undefined) say(note, 'dim')
      for (const [i, { lines }] of hunks.entries()) {
        if (i > 0) rows.push({ spans: [{ text: '⋯', tone: 'dim' }] })
        for (const line of lines) rows.push(...lineRows(line, width))
      }
    }
  if (shows !== undefined && body.length > 0) rows.push({ spans: [] })
  for (const line of body) {
    if (shows !== undefined) say(line, 'normal')
    else for (const spans of wrap(escaped(line), width)) rows.push({ spans })
  }
  if (details && call?.arguments !== undefined) {
    rows.push({ spans: [] }, { spans: [{ text: 'All arguments of the call', tone: 'dim' }] })
    for (const line of pretty(call.arguments).split('\n'))
      for (const spans of broken(escaped(line), width)) rows.push({ spans })
  }
  return rows
}

/** Every character of a command; its further lines stand under the first. */
function commandRows(command: string, width: number): QuestionRow[] {
  return command.split('\n').flatMap((line, i) =>
    broken(escaped(line), width - 2).map((row, part): QuestionRow => {
      const mark: Span = { text: i === 0 && part === 0 ? '$ ' : part > 0 ? '↪ ' : '  ', tone: 'dim' }
      return { spans: [mark, ...row] }
    }),
  )
}

function lineRows({ sign, text, before, after }: DiffLine, width: number): QuestionRow[] {
  const tone: Tone = sign === '+' ? 'added' : sign === '-' ? 'removed' : 'dim'
  const number = String((sign === '-' ? before : after) ?? '').padStart(4)
  const row = escaped(text).map((span) => (span.tone === 'code' ? { ...span, tone } : span))
  return broken(row, width - 7).map((spans, part): QuestionRow => {
    const mark: Span = { text: part === 0 ? `${number} ${sign === '-' ? '−' : sign} ` : '       ', tone }
    return { spans: [mark, ...spans], ...((tone === 'added' || tone === 'removed') && { ground: tone }) }
  })
}

function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return text
  }
}
