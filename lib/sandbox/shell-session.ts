import { randomBytes } from 'node:crypto'
import { Failure } from '../core/failure.ts'
import type { Enclosure, TerminalCommand } from './enclosure.ts'
import { type Mark, MarkReader, type Trace } from './marks.ts'
import { type Pty, openPty } from './pty.ts'
import { pieces } from './quote.ts'
import type { Ran, Size } from './sandbox.ts'
import { shellSetup } from './shell-setup.ts'

/**
 * How a command in a session ended: by itself, with the shell, whose status it then is, or not at all, since the shell never
 * began with it.
 */
export interface Ended {
  status: number
  as: 'command' | 'shell' | 'unheard'
  /** What the shell saw at the end of a command. */
  trace?: Trace
}

export interface SessionOptions {
  enclosure: Enclosure
  cwd: string
  size: Size
  /** Everything that this shell runs without a tag of its own carries this one. */
  tag: string
  /** Hears all that is to be seen on the terminal. */
  onText: (text: string) => void
}

export interface CommandOptions {
  /** What its processes carry. */
  tag: string
  /** Has the terminal as its standard input, with echo, instead of nothing. */
  interactive?: boolean
  onText: (text: string) => void
  /** Told once the shell has begun with it. */
  onBegun?: () => void
}

/** The shell while it is the person's. */
interface Lent {
  id: string
  onRan: (ran: Ran) => void
  /** The number of their last command line. */
  number: number | undefined
  /** Nothing of theirs runs. */
  idle: boolean
  /** It was asked back: what is typed for that is not to be seen. */
  returning: boolean
}

/** Milliseconds for a shell to be ready. */
const openingMs = 15_000
/** Milliseconds for a shell to begin with a command, and more for each byte of it: then its terminal is in disorder. */
const beginningMs = 3000
const beginningMsPerByte = 0.1
/** Milliseconds for the person's shell to become ours again at its prompt; one that does not is replaced. */
const returningMs = 2000
const nudgeMs = 150

/**
 * One bash on one terminal, from its opening to its end. It prints a mark before and after each command: `begin` by the
 * command line itself, `end` by PROMPT_COMMAND, which Ctrl-C does not skip.
 */
export class ShellSession {
  readonly tag: string
  /** The shell's process inside. */
  pid = ''
  cwd: string
  ended = false
  private readonly nonce = randomBytes(12).toString('hex')
  private readonly pty: Pty
  private readonly reader: MarkReader
  private readonly onText: (text: string) => void
  private counter = 0
  private begun = false
  private visible = false
  private opening: { resolve: () => void; reject: (error: Failure) => void } | undefined
  private running:
    (Pick<CommandOptions, 'onText' | 'onBegun'> & { id: string; resolve: (ended: Ended) => void }) | undefined
  private beginning: NodeJS.Timeout | undefined
  private typed = false
  private interactive = false
  private lent: Lent | undefined
  private wanted = false
  private nudging: NodeJS.Timeout | undefined
  private said = ''
  /** A signal ended it. */
  private struck = false

  private constructor({ enclosure, cwd, size, tag, onText }: SessionOptions) {
    this.cwd = cwd
    this.tag = tag
    this.onText = onText
    this.reader = new MarkReader(
      this.nonce,
      (text) => this.hearText(text),
      (mark) => this.hearMark(mark),
    )
    // Printed at the first prompt, before anything was typed: until then the terminal is not the shell's yet.
    const first = `printf '\\033]133;%s;A;%s\\007' ${this.nonce} $$`
    const env = { TERM: 'xterm-256color', PS1: '', PROMPT_COMMAND: first, DRYDOCK_TAG: this.tag }
    const argv = ['bash', '--norc', '--noprofile', '--noediting', '-i']
    const command = enclosure.terminal({ argv, cwd, env })
    this.pty = openPty({
      ...command,
      size,
      onText: (text) => this.reader.read(text),
      onExit: (code, signal) => this.exited(code, signal, command),
    })
  }

  /** Errors: `Failure` `sandbox`. */
  static async open(options: SessionOptions, isAgain = false): Promise<ShellSession> {
    const session = new ShellSession(options)
    let timer: NodeJS.Timeout | undefined
    try {
      await new Promise<void>((resolve, reject) => {
        session.opening = { resolve, reject }
        const late = () => reject(new Failure('sandbox', 'The shell did not open in time.'))
        timer = setTimeout(late, openingMs)
      })
      return session
    } catch (error) {
      session.hangUp()
      // For a moment it is in our own session, and is ended with us in mind, as when our terminal goes away.
      if (session.struck && !isAgain) return ShellSession.open(options, true)
      throw error
    } finally {
      clearTimeout(timer)
      session.opening = undefined
    }
  }

  /** Runs one command; the shell must be idle. */
  run(command: string, { tag, interactive, ...told }: CommandOptions): Promise<Ended> {
    const id = String(++this.counter)
    return new Promise((resolve) => {
      if (this.ended) return resolve({ status: 0, as: 'unheard' })
      this.interactive = interactive === true
      this.await({ id, resolve, ...told }, beginningMs + command.length * beginningMsPerByte)
      // What the person began to type and no program has taken is not for this command.
      if (this.typed) this.pty.write('\x15')
      this.typed = false
      let assign = '='
      for (const piece of pieces(command)) {
        this.pty.write(`__drydock_command${assign}$'${piece}'\n`)
        assign = '+='
      }
      const input = interactive ? '&0' : '/dev/null'
      // Its output is the terminal, whatever an `exec` made of the shell's own. The mark by PROMPT_COMMAND is for Ctrl-C,
      // which skips the rest of the line.
      this.pty.write(
        `{ __drydock_run ${id} ${tag} ${interactive ? 1 : ''}; } &>/dev/null; ` +
          `{ builtin eval "$__drydock_command"; } >&0 2>&0 <${input}; { __drydock_mark whole; } &>/dev/null\n`,
      )
    })
  }

  /**
   * Makes it an ordinary interactive shell for the person, with a prompt and line editing, in the same process; the shell
   * must be idle. Settles once it is ours again, or has ended. `onRan` hears each command line of theirs.
   */
  lend(tag: string, onRan: (ran: Ran) => void): Promise<Ended> {
    const id = String(++this.counter)
    return new Promise((resolve) => {
      if (this.ended) return resolve({ status: 0, as: 'unheard' })
      this.interactive = true
      this.wanted = false
      this.lent = { id, onRan, number: undefined, idle: false, returning: false }
      this.await({ id, onText: () => {}, resolve }, beginningMs)
      this.pty.write(`{ __drydock_run ${id} ${tag} 1; } &>/dev/null; __drydock_lend ${id}\n`)
    })
  }

  /** Asks the person's shell back: at once at its prompt, else once their command has ended; or lets them keep it. */
  askBack(wanted: boolean): void {
    this.wanted = wanted
    if (wanted && this.lent?.idle === true && !this.lent.returning) this.leavePrompt(this.lent)
  }

  /** Types for the command that runs. */
  input(bytes: string): void {
    if (this.running === undefined || this.lent?.returning === true) return
    this.typed = true
    // What Enter begins is known once it has begun, or has not.
    if (this.lent !== undefined && /[\r\n]/.test(bytes)) this.lent.idle = false
    this.pty.write(bytes)
  }

  resize(size: Size): void {
    this.pty.resize(size)
  }

  pause(on: boolean): void {
    this.pty.pause(on)
  }

  hangUp(): void {
    this.pty.hangUp()
  }

  /** Lets go of a shell that does not end or does not listen: nothing more is heard of it. */
  abandon(): void {
    this.ended = true
    this.visible = false
    this.settle({ status: 0, as: this.begun ? 'shell' : 'unheard' })
    this.pty.hangUp()
  }

  private hearText(text: string): void {
    if (this.opening !== undefined) this.said = (this.said + text).slice(-2000)
    // Before its beginning stands what a terminal in disorder makes of the lines that were typed for it.
    if (!this.visible || (this.running !== undefined && !this.begun)) return
    // Of a command's lines the terminal makes none of its own but where somebody types; the screen wants them always.
    this.running?.onText(this.interactive ? text.replaceAll('\r\n', '\n') : text)
    this.onText(this.interactive ? text : text.replaceAll('\n', '\r\n'))
  }

  private await(running: NonNullable<ShellSession['running']>, patience: number): void {
    this.begun = false
    this.running = running
    this.beginning = setTimeout(() => this.abandon(), patience)
  }

  private hearOfLent(lent: Lent, mark: Extract<Mark, { kind: 'prompt' | 'more' | 'busy' }>): void {
    if (mark.kind === 'prompt') return this.hearPrompt(lent, mark)
    lent.idle = mark.kind === 'more'
    if (lent.idle && this.wanted && !lent.returning) this.leavePrompt(lent)
  }

  private hearPrompt(lent: Lent, { status, cwd, number, line }: Extract<Mark, { kind: 'prompt' }>): void {
    this.cwd = cwd
    if (lent.number !== undefined && number !== lent.number) lent.onRan({ command: line, status, cwd })
    lent.number = number
    lent.idle = true
    if (!this.wanted) return
    this.returns(lent)
    this.pty.write(' __drydock_return\r')
  }

  /** Whatever stands half typed at the prompt goes; the next prompt takes the shell back. */
  private leavePrompt(lent: Lent): void {
    this.returns(lent)
    this.interrupt()
  }

  private returns(lent: Lent): void {
    lent.returning = true
    this.visible = false
    clearTimeout(this.nudging)
    clearTimeout(this.beginning)
    this.beginning = setTimeout(() => this.abandon(), returningMs)
  }

  /** Ctrl-C, and again: one that comes just before readline waits for a key is heard with the next key only. */
  private interrupt(): void {
    this.pty.write('\x03')
    this.nudging = setTimeout(() => this.interrupt(), nudgeMs)
  }

  private hearMark(mark: Mark): void {
    if (mark.kind === 'ready') {
      // Only once: whoever knows the nonce could say it again.
      if (this.pid !== '') return
      this.pid = mark.pid
      this.pty.write(shellSetup(this.nonce))
    } else if (mark.kind === 'begin') {
      if (mark.id !== this.running?.id) return
      this.begun = true
      clearTimeout(this.beginning)
      this.running.onBegun?.()
    } else if (mark.kind !== 'end') {
      if (this.lent !== undefined && mark.id === this.lent.id) this.hearOfLent(this.lent, mark)
    } else {
      this.cwd = mark.cwd
      if (mark.id === '0') {
        this.visible = true
        this.opening?.resolve()
      } else if (mark.id === this.running?.id) {
        this.settle({ status: mark.status, as: 'command', trace: mark.trace })
      }
    }
  }

  private settle(ended: Ended): void {
    const { running } = this
    clearTimeout(this.beginning)
    clearTimeout(this.nudging)
    if (this.lent !== undefined) this.visible = !this.ended
    this.lent = undefined
    this.running = undefined
    running?.resolve(ended)
  }

  private exited(code: number, signal: number, { file, advice }: TerminalCommand): void {
    this.reader.flush()
    this.ended = true
    this.struck = signal !== 0
    const how = this.struck ? `by signal ${signal}` : `with ${code}`
    const reason = this.said.trim().split('\n').at(-1) ?? ''
    this.opening?.reject(
      new Failure('sandbox', `The shell could not be opened: ${reason || `${file} ended ${how}`}. ${advice}`),
    )
    this.settle({ status: code, as: this.begun ? 'shell' : 'unheard' })
  }
}
