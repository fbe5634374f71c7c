import type { NetworkGround } from '../core/events.ts'
import { Failure } from '../core/failure.ts'
import { covers, isAddress, nameOf, type Target } from './target.ts'

/** `once`: until the gate is told to forget; `project`: whoever asked has remembered it. */
export type GateAnswer = 'once' | 'session' | 'project' | 'no'

export interface Decision {
  allowed: boolean
  by: NetworkGround
  /** Why not, as the program inside is told; the end of a sentence. */
  reason?: string
}

export interface GateOptions {
  /** Patterns of targets (lib/sandbox/target.ts) that are allowed, as they are now. */
  allow: () => readonly string[]
  /** What the person allowed this project for good, as it is now. */
  project: () => readonly string[]
  /** `deny` holds against every list and every answer. */
  policy: () => 'allow' | 'ask' | 'deny'
  /** Asks the person. Failure `denied` where nobody can answer; an abort throws the signal's reason. */
  ask: (target: Target, signal: AbortSignal) => Promise<GateAnswer>
  /** Milliseconds that an answer is waited for. */
  patienceMs?: number
}

/** Names that may wait for an answer at a time: a program that tries many must not bury the person in questions. */
const mostWaiting = 8
/** Names that are asked about until the gate is told to forget. */
const mostAsked = 64

const yes = (by: NetworkGround): Decision => ({ allowed: true, by })
const no = (by: NetworkGround, reason: string): Decision => ({ allowed: false, by, reason })

/**
 * Decides by name and port who may go out. A target that nothing covers is asked about once, however many connections
 * want it: all of them wait for the one answer.
 */
export class Gate {
  private readonly options: GateOptions
  private readonly session = new Set<string>()
  /** What was answered since the last `forget`, or is being asked. */
  private recent = new Map<string, Promise<Decision>>()
  private waiting = 0
  private asking = new AbortController()

  constructor(options: GateOptions) {
    this.options = options
  }

  /** Errors: what `ask` throws besides `denied`. */
  decide(target: Target): Promise<Decision> {
    const known = this.known(target)
    if (known !== undefined) return Promise.resolve(known)
    const name = nameOf(target)
    const recent = this.recent.get(name)
    if (recent !== undefined) return recent
    if (this.recent.size >= mostAsked) return Promise.resolve(no('unanswered', 'too many names were tried'))
    const decided = this.ask(target, this.asking.signal)
    this.recent.set(name, decided)
    const { recent: these } = this
    decided.then(
      ({ by }) => by === 'unanswered' && these.delete(name),
      () => these.delete(name),
    )
    return decided
  }

  /** Forgets every `once` and `no`, and answers what is still being asked with no. */
  forget(): void {
    this.recent = new Map()
    this.asking.abort()
    this.asking = new AbortController()
  }

  private known(target: Target): Decision | undefined {
    const { policy, allow, project } = this.options
    const listed = (patterns: readonly string[]) => patterns.some((pattern) => covers(pattern, target))
    if (isAddress(target)) return no('address', 'addresses are never allowed, ask for a name')
    const verdict = policy()
    if (verdict === 'deny') return no('policy', 'the policy denies it (policy.network = "deny")')
    if (verdict === 'allow') return yes('policy')
    if (listed(allow())) return yes('config')
    if (listed(project())) return yes('project')
    return this.session.has(nameOf(target)) ? yes('session') : undefined
  }

  private async ask(target: Target, signal: AbortSignal): Promise<Decision> {
    if (this.waiting >= mostWaiting) return no('unanswered', 'too many names wait for an answer')
    const late = new AbortController()
    const timer = setTimeout(() => late.abort(), this.options.patienceMs ?? 300_000)
    this.waiting += 1
    try {
      const answer = await this.options.ask(target, AbortSignal.any([signal, late.signal]))
      if (answer === 'no') return no('no', 'the person said no')
      if (answer === 'session') this.session.add(nameOf(target))
      return yes(answer)
    } catch (error) {
      if (signal.aborted || late.signal.aborted) return no('unanswered', 'nobody answered in time')
      if (error instanceof Failure && error.code === 'denied') return no('no', error.message)
      throw error
    } finally {
      clearTimeout(timer)
      this.waiting -= 1
    }
  }
}
