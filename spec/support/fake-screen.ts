import { EventEmitter } from 'node:events'
import { fileURLToPath } from 'node:url'
import { loadTheme, type Theme } from '../../lib/config/theme.ts'
import type { Depth } from '../../lib/tui/colour.ts'
import { openScreen, type Screen } from '../../lib/tui/screen.ts'
import type { TerminalInput, TerminalOutput } from '../../lib/tui/terminal.ts'
import { readCells, readRows, type Cell } from './cells.ts'
import { isCursorHidden, newTerminal, takenIn, type HeadlessTerminal } from './headless.ts'
import { keyBytes, mouseBytes, pasteBytes } from './key-bytes.ts'

/** A screen in this process, drawn to a terminal of @xterm/headless. Times and sizes are the spec's to choose. */
export interface FakeScreen {
  screen: Screen
  /** Sends bytes as the terminal would. They are heard before this returns. */
  send(bytes: string | Buffer): void
  type(text: string): void
  press(...keys: string[]): void
  paste(text: string): void
  /** A press and a release of the left button on a cell, counted from 0. */
  click(col: number, row: number): void
  drag(col: number, row: number, toCol: number, toRow: number): void
  wheel(way: 'up' | 'down', col: number, row: number): void
  resize(cols: number, rows: number): void
  /** Draws what was asked for, and reads what the terminal shows. */
  rows(): Promise<string[]>
  cells(): Promise<Cell[][]>
  /** Where the terminal's cursor is, counted from 0; null where it is hidden. */
  cursor(): Promise<{ x: number; y: number } | null>
  terminal: HeadlessTerminal
  /** The stream the screen writes to, for its `drain` and `error`. */
  stdout: EventEmitter & { writableNeedDrain: boolean }
  /** Everything that was written, in the order of the writes. */
  written: string[]
  dispose(): void
}

/** A theme as it is shipped. */
export function shippedTheme(name = 'dark'): Theme {
  const shipped = fileURLToPath(new URL('../../themes', import.meta.url))
  return loadTheme(name, { shipped, user: shipped, home: shipped })
}

export function openFakeScreen(options: {
  cols: number
  rows: number
  theme?: Theme
  depth?: Depth
  escapeMs?: number
  mouse?: boolean
}): FakeScreen {
  const { cols, rows } = options
  const terminal = newTerminal(cols, rows)
  const written: string[] = []
  const stdin = Object.assign(new EventEmitter(), {
    isTTY: true,
    setRawMode: () => {},
    resume: () => {},
    pause: () => {},
  })
  const stdout = Object.assign(new EventEmitter(), {
    isTTY: true,
    columns: cols,
    rows,
    writableNeedDrain: false,
    write(text: string) {
      written.push(text)
      terminal.write(text)
      return true
    },
  })
  const screen = openScreen({
    stdin: stdin as unknown as TerminalInput,
    stdout: stdout as unknown as TerminalOutput,
    term: 'xterm-256color',
    theme: options.theme ?? shippedTheme(),
    depth: options.depth ?? 'truecolor',
    mouse: options.mouse ?? true,
    escapeMs: options.escapeMs ?? 25,
    title: 'Drydock',
    process: null,
  })
  const send = (bytes: string | Buffer) => void stdin.emit('data', Buffer.from(bytes as string))
  const settled = async () => {
    screen.draw()
    await takenIn(terminal)
  }
  return {
    screen,
    terminal,
    stdout,
    written,
    send,
    type: send,
    // A lone ESC would have to be waited on.
    press: (...keys) => keys.forEach((key) => send(key === 'escape' ? '\x1b[27u' : keyBytes(key))),
    paste: (text) => send(pasteBytes(text)),
    click: (col, row) => send(mouseBytes(0, col, row) + mouseBytes(0, col, row, true)),
    drag: (col, row, toCol, toRow) =>
      send(mouseBytes(0, col, row) + mouseBytes(32, toCol, toRow) + mouseBytes(0, toCol, toRow, true)),
    wheel: (way, col, row) => send(mouseBytes(way === 'up' ? 64 : 65, col, row)),
    resize(newCols, newRows) {
      terminal.resize(newCols, newRows)
      Object.assign(stdout, { columns: newCols, rows: newRows })
      stdout.emit('resize')
    },
    async rows() {
      await settled()
      return readRows(terminal)
    },
    async cells() {
      await settled()
      return readCells(terminal)
    },
    async cursor() {
      await settled()
      const { cursorX: x, cursorY: y } = terminal.buffer.active
      return isCursorHidden(terminal) ? null : { x, y }
    },
    dispose() {
      screen.dispose()
      terminal.dispose()
    },
  }
}
