import type { Draft, Range } from './draft.ts'

/** What can be completed where the cursor is, and what of it is written. */
export type Sought = { query: string; range: Range } & (
  | { kind: 'path' }
  | { kind: 'command' }
  /** Of a /command. */
  | { kind: 'argument'; command: string }
)

/** A path of the workspace: after `@`, which begins a word; in quotes where it has spaces. */
const path = /(?:^|[\s([{<,;:"'`])@("[^"\n]*|[^\s"]*)$/u
const command = /^\/(\S*)$/
const argument = /^\/(\S+)[ \t]+(.*)$/
/** Nobody types a longer name to find it. */
const longest = 300

/** What is sought at the cursor, if anything is. */
export function soughtAt({ text, cursor }: Draft): Sought | undefined {
  const before = text.slice(Math.max(0, cursor - longest), cursor)
  const named = path.exec(before)
  if (named) {
    const written = named[1]!
    return { kind: 'path', query: written.replace(/^"/, ''), range: { from: cursor - written.length - 1, to: cursor } }
  }
  if (!text.startsWith('/') || cursor > longest || text.includes('\n')) return undefined
  const [, name] = command.exec(before) ?? []
  if (name !== undefined) return { kind: 'command', query: name, range: { from: 0, to: cursor } }
  const [, of, value] = argument.exec(before) ?? []
  if (of === undefined || cursor < text.length) return undefined
  return { kind: 'argument', command: of, query: value!, range: { from: cursor - value!.length, to: cursor } }
}

/** How a path is written in a prompt. */
export function pathWord(name: string): string {
  return /[\s"]/.test(name) ? `@"${name}"` : `@${name}`
}
