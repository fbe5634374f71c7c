import { spawn } from '@lydell/node-pty'
import { execFileSync } from 'node:child_process'
import { readCells, readRows, type Cell } from './cells.ts'
import { isCursorHidden, newTerminal, type HeadlessTerminal } from './headless.ts'
import { keyBytes, mouseBytes, pasteBytes } from './key-bytes.ts'

/** The modes a program may leave on when it ends. */
export interface Modes {
  alternateScreen: boolean
  mouse: string
  bracketedPaste: boolean
  focusReports: boolean
  wraparound: boolean
  cursorHidden: boolean
}

/** What a terminal is like before a program has touched it. */
export const untouched: Modes = {
  alternateScreen: false,
  mouse: 'none',
  bracketedPaste: false,
  focusReports: false,
  wraparound: true,
  cursorHidden: false,
}

/** A program in a real pty, shown by @xterm/headless and driven as by a person. Cells are counted from 0. */
export interface VirtualTerminal {
  readonly pid: number
  type(text: string): void
  press(...keys: string[]): void
  paste(text: string): void
  click(col: number, row: number): void
  drag(col: number, row: number, toCol: number, toRow: number): void
  wheel(way: 'up' | 'down', col: number, row: number): void
  resize(cols: number, rows: number): void
  /** What is on the screen now: rows without the blanks at their ends. */
  screen(): string[]
  cells(): Cell[][]
  /** Resolves once the text is on the screen or the predicate true; rejects with the screen after `ms` (5 s). */
  waitFor(wanted: string | ((rows: string[]) => boolean), ms?: number): Promise<void>
  /** How often the program was stopped so far, as by Ctrl-Z; `resume` brings it back, as `fg` does. */
  readonly stops: number
  resume(): void
  /** Takes the terminal away, as a line that drops does. */
  hangUp(): void
  /** The status as a shell has it (128 + N after signal N), once the program's last byte is on the screen. */
  exit: Promise<number>
  /** Bytes that the program wrote so far. */
  readonly bytes: number
  /** All that the program wrote so far. */
  readonly output: string
  modes(): Modes
  /** The line settings of the pty, as `stty -a` prints them. */
  stty(): string
  dispose(): void
}

/** Whether a question stands there whole, and takes answers: a key before it could be read is none. */
export function takesAnswers(rows: string[]): boolean {
  return rows.some((row) => row.includes('└─') && !row.includes('one moment'))
}

/**
 * The program's parent, as a person's shell would be: the terminal stays when the program ends, and it can be stopped
 * and brought back (the inner shells keep SIGINT from bash, which would end of it too). Marks in the stream tell its process id, that it was stopped, and its status after its last byte.
 */
const shell = String.raw`
set -m
sh -c 'sh -c "$0" sh "$@"; exit $?' 'printf "\033]9999;pid %d\007" $$; exec "$@"' "$@"
status=$?
while [ $status -eq 148 ]; do
  printf '\033]9999;stopped\007'
  read _
  fg >/dev/null
  status=$?
done
printf '\033]9999;exit %d\007' $status
read _
`
const marks = /\x1b\]9999;(pid|stopped|exit) ?(\d*)\x07/g

export function openTerminal(options: {
  argv: string[]
  cols?: number
  rows?: number
  env?: Record<string, string>
  cwd?: string
}): VirtualTerminal {
  const { cols = 80, rows = 24 } = options
  const terminal = newTerminal(cols, rows)
  const pty = spawn('bash', ['-c', shell, 'bash', ...options.argv], {
    name: options.env?.TERM ?? 'xterm-256color',
    cols,
    rows,
    cwd: options.cwd ?? process.cwd(),
    env: { PATH: process.env.PATH, HOME: process.env.HOME, LANG: 'C.UTF-8', COLORTERM: 'truecolor', ...options.env },
  })
  const device = (pty as unknown as { ptsName: string }).ptsName
  let output = ''
  let pid = 0
  let stops = 0
  const waiting = new Set<() => void>()
  const look = () => {
    for (const check of waiting) check()
  }
  let ended: (status: number) => void
  const exit = new Promise<number>((resolve) => (ended = resolve))
  pty.onData((data) => {
    terminal.write(data, look)
    output = (output + data).replace(marks, (_mark, kind: string, number: string) => {
      if (kind === 'pid') pid = Number(number)
      else if (kind === 'stopped') stops++
      else terminal.write('', () => ended(Number(number)))
      return ''
    })
  })
  terminal.onData((answer) => pty.write(answer))
  return {
    get pid() {
      return pid
    },
    get stops() {
      return stops
    },
    resume: () => pty.write('\n'),
    hangUp: () => (pty as unknown as { destroy(): void }).destroy(),
    type: (text) => pty.write(text),
    press: (...keys) => pty.write(keys.map(keyBytes).join('')),
    paste: (text) => pty.write(pasteBytes(text)),
    click: (col, row) => pty.write(mouseBytes(0, col, row) + mouseBytes(0, col, row, true)),
    drag: (col, row, toCol, toRow) =>
      pty.write(mouseBytes(0, col, row) + mouseBytes(32, toCol, toRow) + mouseBytes(0, toCol, toRow, true)),
    wheel: (way, col, row) => pty.write(mouseBytes(way === 'up' ? 64 : 65, col, row)),
    resize(newCols, newRows) {
      terminal.resize(newCols, newRows)
      pty.resize(newCols, newRows)
    },
    screen: () => readRows(terminal),
    cells: () => readCells(terminal),
    waitFor(wanted, ms = 5000) {
      const isThere = () =>
        typeof wanted === 'string' ? readRows(terminal).join('\n').includes(wanted) : wanted(readRows(terminal))
      return new Promise((resolve, reject) => {
        const done = () => {
          clearTimeout(timer)
          waiting.delete(check)
        }
        const check = () => {
          if (!isThere()) return
          done()
          resolve()
        }
        const timer = setTimeout(() => {
          done()
          reject(new Error(`Not on the screen after ${ms} ms: ${wanted}\n${readRows(terminal).join('\n')}`))
        }, ms)
        waiting.add(check)
        check()
      })
    },
    exit,
    get bytes() {
      return Buffer.byteLength(output)
    },
    get output() {
      return output
    },
    modes: () => modesOf(terminal),
    stty: () => execFileSync('stty', ['-a', '-F', device], { encoding: 'utf8' }),
    dispose() {
      if (pid > 0) kill(pid)
      pty.kill('SIGKILL')
      terminal.dispose()
    },
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended by itself.
  }
}

function modesOf(terminal: HeadlessTerminal): Modes {
  const { modes } = terminal
  return {
    alternateScreen: terminal.buffer.active.type === 'alternate',
    mouse: modes.mouseTrackingMode,
    bracketedPaste: modes.bracketedPasteMode,
    focusReports: modes.sendFocusMode,
    wraparound: modes.wraparoundMode,
    cursorHidden: isCursorHidden(terminal),
  }
}
