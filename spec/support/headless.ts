import { createRequire } from 'node:module'

// Required rather than imported: its one CommonJS file reads differently under each loader.
const headless = createRequire(import.meta.url)('@xterm/headless') as typeof import('@xterm/headless')

export type HeadlessTerminal = InstanceType<typeof headless.Terminal>

/** A terminal of xterm.js without a window. */
export function newTerminal(cols: number, rows: number): HeadlessTerminal {
  return new headless.Terminal({ cols, rows, allowProposedApi: true, logLevel: 'off' })
}

/** Resolves once the terminal has taken in all that was written. */
export function takenIn(terminal: HeadlessTerminal): Promise<void> {
  return new Promise((resolve) => terminal.write('', resolve))
}

/** The terminal keeps this to itself. */
export function isCursorHidden(terminal: HeadlessTerminal): boolean {
  type Core = { _core: { coreService: { isCursorHidden: boolean } } }
  return (terminal as unknown as Core)['_core'].coreService.isCursorHidden
}
