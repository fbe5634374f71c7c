import type { Disposable } from '../core/dispose.ts'
import { Failure } from '../core/failure.ts'
import { TerminalCursor, type CursorShape } from './cursor-shape.ts'
import { harmless } from './harmless.ts'
import { smallest } from './layout.ts'

/** What the program reads keys from: a TTY, or something that behaves like one. */
export type TerminalInput = NodeJS.ReadableStream & { isTTY?: boolean; setRawMode?: (raw: boolean) => unknown }
/** What the program draws to. */
export type TerminalOutput = NodeJS.WritableStream & {
  isTTY?: boolean
  columns?: number
  rows?: number
  writableNeedDrain?: boolean
}

/** Smaller than this no screen is begun: not even the sentence that says what is needed would fit. */
const least = { cols: 20, rows: 5 }

export interface TerminalListeners {
  onBytes(bytes: Buffer): void
  onResize(): void
  /** The terminal went away: nothing can be read or written any more. */
  onClosed(): void
  /** What was written did not all arrive: the screen is in an unknown state. */
  onLost(): void
}

/** Starts what writes these bytes to the terminal, and ends raw mode, if the program is killed: lib/tui/watchdog.ts. */
export type Guard = (restore: string) => Disposable

const enterModes = [
  '\x1b[22;2t', // keep the title
  '\x1b[?1049h', // alternate screen
  '\x1b[?7l', // no wrapping at the right edge
  '\x1b[?2004h', // bracketed paste
  '\x1b[?1004h', // focus reports
  '\x1b[>1u', // kitty keyboard: tell apart what is ambiguous
  '\x1b[>4;1m', // xterm modifyOtherKeys
  // Is synchronized output known? A terminal that misreads the question prints a letter, which is erased.
  '\x1b[?2026$p\r\x1b[K',
  '\x1b]11;?\x1b\\', // the background's colour
  '\x1b[m',
].join('')

const leaveModes = [
  '\x1b]8;;\x1b\\\x1b[m',
  '\x1b[>4m',
  '\x1b[<u',
  '\x1b[?1004l',
  '\x1b[?2004l',
  '\x1b[?7h',
  '\x1b[?25h',
  '\x1b[?1049l',
  '\x1b[23;2t',
].join('')

// Presses and releases, drags, and coordinates beyond 223 (SGR).
const mouseOn = '\x1b[?1000h\x1b[?1002h\x1b[?1006h'
const mouseOff = '\x1b[?1006l\x1b[?1002l\x1b[?1000l'

/**
 * Refuses a terminal that a full screen cannot be drawn on: Failure `terminal`. `term` is the terminal's name (TERM).
 */
export function checkTerminal(stdin: TerminalInput, stdout: TerminalOutput, term: string): void {
  const otherwise = 'use `agent run "…"`, which needs no screen'
  if (!stdin.isTTY || !stdout.isTTY) {
    throw new Failure('terminal', `The screen needs a terminal on standard input and output; ${otherwise}.`)
  }
  if (term === 'dumb') {
    throw new Failure(
      'terminal',
      `The terminal says that it cannot place text (TERM=dumb); use \`agent --plain\`, which writes lines only.`,
    )
  }
  const [cols, rows] = [stdout.columns ?? 0, stdout.rows ?? 0]
  if (isTooSmall(cols, rows)) throw new Failure('terminal', `${tooSmall(cols, rows)}, or ${otherwise}.`)
}

export function isTooSmall(cols: number, rows: number): boolean {
  return cols < least.cols || rows < least.rows
}

/** The beginning of a sentence about a terminal that is too small. */
export function tooSmall(cols: number, rows: number): string {
  return `The terminal has ${cols}x${rows} cells, and ${smallest.cols}x${smallest.rows} are needed: make it larger`
}

/** The terminal while the program has the whole screen: its modes, its bytes in and out, and giving it back as it was. */
export class Terminal implements Disposable {
  private readonly stdin: TerminalInput
  private readonly stdout: TerminalOutput
  private readonly listeners: TerminalListeners
  private mouse: boolean
  private title: string
  private entered = false
  private closed = false
  private guard: Guard | undefined
  private guarding: Disposable | undefined
  private readonly cursor: TerminalCursor

  constructor(
    stdin: TerminalInput,
    stdout: TerminalOutput,
    settings: { mouse: boolean; title: string; term: string },
    listeners: TerminalListeners,
  ) {
    this.stdin = stdin
    this.stdout = stdout
    this.mouse = settings.mouse
    this.title = settings.title
    // The Linux console has no such shapes, and older ones print the question.
    this.cursor = new TerminalCursor(!settings.term.startsWith('linux'))
    this.listeners = listeners
    stdin.on('data', this.hear)
    stdin.on('end', this.close)
    stdin.on('error', this.close)
    stdout.on('error', this.fail)
    stdout.on('resize', this.resize)
  }

  get cols(): number {
    return this.stdout.columns ?? 80
  }

  get rows(): number {
    return this.stdout.rows ?? 24
  }

  /** False while earlier bytes are still on their way; `whenFree` calls back once they are not. */
  get isFree(): boolean {
    return this.stdout.writableNeedDrain !== true
  }

  whenFree(callback: () => void): void {
    this.stdout.once('drain', callback)
  }

  enter(): void {
    if (this.entered || this.closed) return
    this.entered = true
    this.stdin.setRawMode?.(true)
    this.stdin.resume()
    this.write(enterModes + (this.mouse ? mouseOn : '') + titleSequence(this.title) + this.cursor.again())
    this.guarding = this.guard?.(this.restore)
  }

  /** From now on the terminal has a guard whenever the program has the screen. */
  setGuard(guard: Guard): void {
    this.guard = guard
    if (this.entered) this.guarding ??= guard(this.restore)
  }

  /** Leaves the terminal as it was before `enter`. */
  leave(): void {
    if (!this.entered) return
    this.write(this.restore)
    this.entered = false
    void this.guarding?.dispose()
    this.guarding = undefined
    try {
      this.stdin.setRawMode?.(false)
    } catch {
      // The terminal is gone: there is nothing left to restore.
    }
  }

  write(bytes: string): void {
    if (bytes === '' || this.closed || !this.entered) return
    try {
      this.stdout.write(bytes)
    } catch (error) {
      this.fail(error as NodeJS.ErrnoException)
    }
  }

  get mouseOn(): boolean {
    return this.mouse
  }

  setMouse(on: boolean): void {
    if (on === this.mouse) return
    this.mouse = on
    this.write(on ? mouseOn : mouseOff)
  }

  /** Gives the cursor a shape, where the terminal has any to choose; undefined: its own. */
  setCursor(shape: CursorShape | undefined): void {
    if (this.entered) this.write(this.cursor.want(shape))
  }

  /** Takes what the terminal answered. */
  hearReply(reply: string): void {
    const { restore } = this
    this.write(this.cursor.hear(reply) ?? '')
    if (restore === this.restore || this.guarding === undefined) return
    // Whoever gives the terminal back from now on gives the cursor back too.
    void this.guarding.dispose()
    this.guarding = this.guard?.(this.restore)
  }

  private get restore(): string {
    return mouseOff + leaveModes + this.cursor.restore
  }

  setTitle(title: string): void {
    if (title === this.title) return
    this.title = title
    this.write(titleSequence(title))
  }

  /** Puts a text on the terminal's clipboard: OSC 52 of xterm's control sequences. */
  setClipboard(text: string): void {
    this.write(`\x1b]52;c;${Buffer.from(text).toString('base64')}\x07`)
  }

  /** Reads no more until the terminal is entered again: the bytes are for somebody else. */
  pause(): void {
    this.stdin.pause()
  }

  dispose(): void {
    this.leave()
    // Not before: what is read keeps a program alive that was stopped and goes on.
    this.stdin.pause()
    this.stdin.off('data', this.hear)
    this.stdin.off('end', this.close)
    this.stdout.off('resize', this.resize)
    // The listeners for errors stay: a write that is still under way may fail later, and must not end the program.
  }

  private readonly hear = (bytes: Buffer | string) =>
    this.listeners.onBytes(typeof bytes === 'string' ? Buffer.from(bytes) : bytes)

  private readonly resize = () => this.listeners.onResize()

  private readonly fail = (error: NodeJS.ErrnoException) => {
    if (error.code === 'EAGAIN') this.listeners.onLost()
    else this.close()
  }

  private readonly close = () => {
    if (this.closed) return
    this.closed = true
    this.listeners.onClosed()
  }
}

function titleSequence(title: string): string {
  return title === '' ? '' : `\x1b]2;${harmless(title)}\x07`
}
