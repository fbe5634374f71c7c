import { randomBytes } from 'node:crypto'
import { Failure } from '../core/failure.ts'
import type { Enclosure, TerminalCommand } from './enclosure.ts'
import { type Mark, MarkReader } from './marks.ts'
import { type Pty, openPty } from './pty.ts'
import type { Size } from './sandbox.ts'

/** How a command in a session ended: with a status, or with the shell itself, whose status it then is. */
export interface Ended {
  status: number
  withShell: boolean
}

/** Milliseconds for a shell to be ready. */
const openingMs = 15_000
/** Bytes in a line: a terminal's line discipline cuts at 4,096. */
const lineLength = 2000

/**
 * One bash on one terminal, from its opening to its end. It prints a mark before and after each command: `begin` by the
 * command line itself, `end` by PROMPT_COMMAND, which Ctrl-C does not skip.
 */
export class ShellSession {
  /** Everything that this shell runs without a tag of its own carries this one. */
  readonly tag = randomBytes(12).toString('hex')
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
  private running: { id: string; onText: (text: string) => void; resolve: (ended: Ended) => void } | undefined
  private said = ''

  private constructor(enclosure: Enclosure, cwd: string, size: Size, onText: (text: string) => void) {
    this.cwd = cwd
    this.onText = onText
    this.reader = new MarkReader(
      this.nonce,
      (text) => this.hearText(text),
      (mark) => this.hearMark(mark),
    )
    // Printed at the first prompt, before anything was typed: until then the terminal is not the shell's yet.
    const first = `printf '\\033]133;%s;A;%s\\007' ${this.nonce} $$`
    const env = { TERM: 'xterm-256color', PS1: '', PS2: '', PROMPT_COMMAND: first, DRYDOCK_TAG: this.tag }
    const argv = ['bash', '--norc', '--noprofile', '--noediting', '-i']
    const command = enclosure.terminal({ argv, cwd, env })
    this.pty = openPty({
      ...command,
      size,
      onText: (text) => this.reader.read(text),
      onExit: (code) => this.exited(code, command),
    })
  }

  /** Errors: `Failure` `sandbox`. `onText` hears all that is to be seen on the terminal. */
  static async open(
    enclosure: Enclosure,
    cwd: string,
    size: Size,
    onText: (text: string) => void,
  ): Promise<ShellSession> {
    const session = new ShellSession(enclosure, cwd, size, onText)
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
      throw error
    } finally {
      clearTimeout(timer)
      session.opening = undefined
    }
  }

  /** Runs one command; the shell must be idle. `tag` is what its processes carry. */
  run(command: string, tag: string, onText: (text: string) => void): Promise<Ended> {
    const id = String(++this.counter)
    return new Promise((resolve) => {
      if (this.ended) return resolve({ status: 0, withShell: true })
      this.begun = false
      this.running = { id, onText, resolve }
      for (const piece of pieces(command)) this.pty.write(`__drydock_command+=$'${piece}'\n`)
      this.pty.write(`__drydock_run ${id} ${tag}; { eval "$__drydock_command"; } </dev/null\n`)
    })
  }

  input(bytes: string): void {
    this.pty.write(bytes)
  }

  resize(size: Size): void {
    this.pty.resize(size)
  }

  hangUp(): void {
    this.pty.hangUp()
  }

  /** Lets go of a shell that does not end by itself: nothing more is heard of it. */
  abandon(): void {
    this.ended = true
    this.visible = false
    this.settle({ status: 0, withShell: true })
    this.pty.hangUp()
  }

  private hearText(text: string): void {
    if (this.opening !== undefined) this.said = (this.said + text).slice(-2000)
    if (!this.visible) return
    if (this.begun) this.running?.onText(text)
    this.onText(text)
  }

  private hearMark(mark: Mark): void {
    if (mark.kind === 'ready') {
      this.pid = mark.pid
      this.pty.write(this.setup())
    } else if (mark.kind === 'begin') {
      if (mark.id === this.running?.id) this.begun = true
    } else {
      this.cwd = mark.cwd
      if (mark.id === '0') {
        this.visible = true
        this.opening?.resolve()
      } else if (mark.id === this.running?.id) {
        this.settle({ status: mark.status, withShell: false })
      }
    }
  }

  private settle(ended: Ended): void {
    const { running } = this
    this.running = undefined
    running?.resolve(ended)
  }

  private exited(code: number, { file, advice }: TerminalCommand): void {
    this.reader.flush()
    this.ended = true
    const reason = this.said.trim().split('\n').at(-1) ?? ''
    this.opening?.reject(
      new Failure('sandbox', `The shell could not be opened: ${reason || `${file} ended with ${code}`}. ${advice}`),
    )
    this.settle({ status: code, withShell: true })
  }

  /** The line that makes a shell ours: no echo, no history, and the functions that print marks. */
  private setup(): string {
    const mark = `printf '\\033]133;${this.nonce};`
    return [
      'stty -echo -onlcr',
      'set +o history +o histexpand',
      'export -n PS1 PS2 PROMPT_COMMAND',
      '__drydock_id=0 __drydock_command=',
      `__drydock_run() { __drydock_id=$1; export DRYDOCK_TAG=$2; PROMPT_COMMAND=__drydock_mark; ${mark}C;%s\\007' "$1"; }`,
      // Forks nothing: it must work where no process is left.
      '__drydock_mark() { local status=$? at=$PWD; [[ $__drydock_id ]] || return "$status"; __drydock_command=',
      String.raw`at=${'$'}{at//%/%25} at=${'$'}{at//;/%3B} at=${'$'}{at//$'\n'/%0A} at=${'$'}{at//$'\e'/%1B} at=${'$'}{at//$'\a'/%07}`,
      `${mark}D;%s;%s;%s\\007' "$__drydock_id" "$status" "$at"`,
      'unset DRYDOCK_TAG; __drydock_id=; return "$status"; }',
      'PROMPT_COMMAND=__drydock_mark\n',
    ].join('; ')
  }
}

/** A command as the insides of `$'…'`, in pieces that fit a line. */
function* pieces(command: string): Generator<string> {
  let piece = ''
  for (const byte of Buffer.from(command)) {
    const plain = byte >= 32 && byte < 127 && byte !== 39 && byte !== 92
    piece += plain ? String.fromCharCode(byte) : `\\${byte.toString(8).padStart(3, '0')}`
    if (piece.length < lineLength - 40) continue
    yield piece
    piece = ''
  }
  if (piece !== '') yield piece
}
