import type { Bus } from '../core/bus.ts'
import { tellReport } from './changes.ts'
import type { Parts } from './parts.ts'
import { visible, visibleText } from './unified.ts'

export interface TellerOptions {
  /** Whole lines only, and words in place of signs: for those who hear the text rather than see it. */
  plain?: boolean
}

/** Says on standard output what the model says, and on standard error, a line each, what it does. */
export class Teller {
  private readonly parts: Pick<Parts, 'stdout' | 'stderr'>
  private readonly plain: boolean
  private midLine = false
  private unsaid = ''
  private sandbox = ''

  constructor(parts: Parts, { plain = false }: TellerOptions = {}) {
    // Who listens has one voice to listen to, in its order.
    this.parts = plain ? { stdout: parts.stdout, stderr: parts.stdout } : parts
    this.plain = plain
  }

  listen(bus: Bus): void {
    bus.on('text.delta', ({ kind, text }) => {
      if (kind === 'text') this.say(text)
    })
    bus.on('message.added', ({ message }) => {
      if (message.role === 'assistant') this.endLine()
    })
    bus.on('turn.ended', () => this.endLine())
    bus.on('sandbox.status', ({ state, text, workspace }) => {
      if (state !== 'failed' && text !== this.sandbox) this.note(`${this.bullet}sandbox: ${text}`)
      if (workspace !== undefined) this.note(`${this.bullet}workspace ${workspace}`)
      this.sandbox = text
    })
    bus.on('turn.retrying', ({ inMs, reason }) => {
      this.endLine() // what was said of the answer is said anew
      this.note(`${this.bullet}${reason} Trying again in ${Math.ceil(inMs / 1000)} s.`)
    })
    const calls = new Map<string, { name: string; summary: string }>()
    bus.on('tool.started', (call) => void calls.set(call.id, call))
    bus.on('tool.ended', ({ id, ok, summary }) => {
      const { name = '', summary: about = '' } = calls.get(id) ?? {}
      if (this.plain) this.note(`${ok ? 'done' : 'failed'}: ${name} ${about}: ${summary}`)
      else this.note(`${ok ? '✓' : '✗'} ${name.padEnd(7)} ${about}  ${summary}`)
    })
    bus.on('changes.applied', ({ report }) => void tellReport(this.parts, report))
  }

  /** Says a line of its own. Where lines are said whole, the one that the model is in the midst of comes after it. */
  note(line: string): void {
    if (!this.plain) this.endLine()
    this.parts.stderr.write(`${visible(line)}\n`)
  }

  /** Ends the line that the model is in the midst of. */
  endLine(): void {
    if (this.unsaid !== '') this.parts.stdout.write(visibleText(this.unsaid))
    this.unsaid = ''
    if (this.midLine) this.parts.stdout.write('\n')
    this.midLine = false
  }

  private get bullet(): string {
    return this.plain ? '' : '● '
  }

  private say(text: string): void {
    const whole = this.plain ? this.unsaid + text : text
    const end = this.plain ? whole.lastIndexOf('\n') + 1 : whole.length
    this.unsaid = whole.slice(end)
    this.midLine = !whole.endsWith('\n')
    if (end > 0) this.parts.stdout.write(visibleText(whole.slice(0, end)))
  }
}
