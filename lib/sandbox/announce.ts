import type { Exit } from './sandbox.ts'

/** Lines of a command that are shown before what it prints. */
const linesShown = 8
const longestLine = 2000

/**
 * Sets a terminal's modes back, whatever a program before left of them: soft reset (DECSTR), the first screen, no reports of
 * the mouse.
 */
const tidy = '\x1b[!p\x1b[?47l\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?1004l'

/** What the terminal shows of a command of the agent's, which nobody has typed there: after a prompt, as if somebody had. */
export function announcement(command: string): string {
  const lines = command.split('\n')
  const shown = lines.slice(0, linesShown).map((line) => harmless(line.slice(0, longestLine)))
  if (lines.length > linesShown) shown.push(`… and ${lines.length - linesShown} lines more`)
  return `${tidy}\x1b[36m❯\x1b[m \x1b[1m${shown.join('\x1b[m\r\n\x1b[36m·\x1b[m \x1b[1m')}\x1b[m\r\n`
}

/** How it ended, where that was not well. */
export function epitaph({ code, signal, reason }: Exit): string {
  if (reason === 'exited' && code === 0) return ''
  const how =
    reason !== 'exited' ? (reasons[reason] ?? reason) : signal !== null ? `killed by ${signal}` : `exit ${code}`
  return `${tidy}\x1b[31m✗ ${how}\x1b[m\r\n`
}

const reasons: Partial<Record<Exit['reason'], string>> = {
  timeout: 'timed out',
  limit: 'ended at a limit',
  lost: 'the shell went away',
}

function harmless(line: string): string {
  // oxlint-disable-next-line no-control-regex
  return line.replaceAll('\t', '    ').replaceAll(/[\0-\x1f\x7f-\x9f]/g, '�')
}
