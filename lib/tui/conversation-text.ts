import { harmless } from './harmless.ts'
import type { Entry, State } from './state.ts'

/** The whole conversation as a text to be read in another program: Markdown, with nothing in it that a terminal obeys. */
export function conversationText(state: State): string {
  return [...state.settled, ...state.live].map((entry) => `${safe(entryText(entry))}\n`).join('\n')
}

function entryText(entry: Entry): string {
  switch (entry.kind) {
    case 'prompt':
      return prefixed('> ', entry.command ? `! ${entry.text}` : entry.text)
    case 'text':
      return entry.text.trim()
    case 'thought':
      return prefixed('∴ ', entry.text.trim())
    case 'notice':
      return prefixed('· ', entry.text)
    case 'tool': {
      const head = [
        { ok: '✓', failed: '✗', running: '…', waiting: '?' }[entry.state],
        entry.name,
        entry.subject,
        entry.result,
      ]
      const output = entry.output.trimEnd()
      return head.filter((part) => part !== '').join('  ') + (output === '' ? '' : `\n\n${prefixed('    ', output)}`)
    }
  }
}

function prefixed(prefix: string, text: string): string {
  return text
    .split('\n')
    .map((line) => prefix + line)
    .join('\n')
}

/** Line by line, with tabs as they are. */
function safe(text: string): string {
  return text
    .split('\n')
    .map((line) => line.split('\t').map(harmless).join('\t'))
    .join('\n')
}
