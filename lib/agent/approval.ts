import type { Verdict } from '../config/schema.ts'
import type { Question, QuestionKind, Risk } from '../core/events.ts'
import { describe } from '../core/failure.ts'
import { heed } from '../tools/abort.ts'
import type { Answerer, Reply } from './answerers.ts'
import type { Publish } from './publish.ts'

/** A question before it is asked. `subject`: what, beside the kind, a remembered answer covers: a tool, a hash. */
export type Asking = Omit<Question, 'id'> & { subject: string }

/** A question about a risk of the policy; its choices follow from the risk. */
export type RiskAsking = Omit<Asking, 'kind' | 'choices'> & { kind: Risk }

export type Permission = { allowed: true } | { allowed: false; reason: string }

export interface ApprovalParts {
  publish: Publish
  answerer: Answerer
  /** The policy as it is now. */
  policy: () => Readonly<Record<Risk, Verdict>>
  /** Whether a yes to the risk is for one time only. */
  each?: (risk: Risk) => boolean
  /** Keeps an `always` to a risk for good, in the person's own policy. (To an image or to trust, whoever asked keeps it.) */
  remember: (risk: Risk) => void | Promise<void>
}

/** The one place where consent is asked for and remembered. Of questions about the same, one is open at a time. */
export class Approvals {
  private readonly parts: ApprovalParts
  private readonly granted = new Set<string>()
  private readonly lines = new Map<string, Promise<unknown>>()
  private count = 0

  constructor(parts: ApprovalParts) {
    this.parts = parts
  }

  /** What the policy says of a risk, a yes that was remembered taken into account. A remembered yes mends no `deny`. */
  decide(kind: Risk, subject: string): Verdict {
    const verdict = this.parts.policy()[kind]
    return verdict === 'ask' && this.granted.has(keyOf(kind, subject)) ? 'allow' : verdict
  }

  /** Asks where the policy wants it asked. A no is a value, with the reason as the model may read it. */
  async permit(asking: RiskAsking, signal: AbortSignal): Promise<Permission> {
    const { kind, subject } = asking
    const verdict = this.decide(kind, subject)
    if (verdict === 'allow') return { allowed: true }
    if (verdict === 'deny') return { allowed: false, reason: `the policy denies it (policy.${kind} = "deny").` }
    const { answer, remark } = await this.ask(
      { ...asking, choices: choicesFor(asking, this.parts.each?.(kind) === true) },
      signal,
    )
    if (answer !== 'no') return { allowed: true }
    return { allowed: false, reason: remark ? `the person said no: "${remark}".` : 'the person said no.' }
  }

  /**
   * Asks, whatever the policy says, unless a yes was remembered for this kind and subject. Throws the signal's reason on
   * abort, Failure `denied` where nobody can answer, and what the log throws.
   */
  ask(asking: Asking, signal: AbortSignal): Promise<Reply> {
    const key = keyOf(asking.kind, asking.subject)
    const reply = (this.lines.get(key) ?? Promise.resolve()).then(() => this.askNow(asking, signal))
    const ended = reply.catch(() => {}).then(() => void (this.lines.get(key) === ended && this.lines.delete(key)))
    this.lines.set(key, ended)
    return heed(signal, reply)
  }

  private async askNow({ subject, ...asking }: Asking, signal: AbortSignal): Promise<Reply> {
    signal.throwIfAborted()
    const key = keyOf(asking.kind, subject)
    if (this.granted.has(key)) return { answer: 'session' }
    const question: Question = { id: `approval_${++this.count}`, ...asking }
    const reply = await this.put(question, signal)
    if (['session', 'project', 'always'].includes(reply.answer)) this.granted.add(key)
    if (reply.answer === 'always' && asking.kind !== 'image' && asking.kind !== 'trust') await this.keep(asking.kind)
    return reply
  }

  private async put(question: Question, signal: AbortSignal): Promise<Reply> {
    const { publish, answerer } = this.parts
    const withdrawn = new AbortController()
    // The answerer listens before the question is heard of: an answer may come while it is being published.
    const answered = answerer(question, AbortSignal.any([signal, withdrawn.signal]))
    answered.catch(() => {})
    let reply: Reply = { answer: 'no' }
    publishOrWithdraw(() => publish('approval.asked', question), withdrawn)
    try {
      reply = await answered
      return reply
    } finally {
      publish('approval.settled', { id: question.id, answer: reply.answer })
    }
  }

  private async keep(risk: Risk): Promise<void> {
    try {
      await this.parts.remember(risk)
    } catch (error) {
      this.parts.publish('app.failed', { failure: describe(error) })
    }
  }
}

function publishOrWithdraw(publish: () => void, withdrawn: AbortController): void {
  try {
    publish()
  } catch (error) {
    withdrawn.abort()
    throw error
  }
}

/**
 * What may be answered about a risk; with `each`, a yes is for this time only. So it is to discarding: each time it is
 * other work that goes. A no to a
 * call may say more, to the model.
 */
function choicesFor({ kind, subject, call }: RiskAsking, each: boolean): Question['choices'] {
  const once = { key: 'y', answer: 'once' as const, label: 'once' }
  const no = { key: 'n', answer: 'no' as const, label: call === undefined ? 'no' : 'no, say…' }
  if (each || kind === 'discard') return [call === undefined ? { ...once, label: 'yes' } : once, no]
  return [
    once,
    { key: 's', answer: 'session', label: `this session: every call of ${subject} ${covered[kind]}` },
    {
      key: 'a',
      answer: 'always',
      label: `always: all ${covered[kind]}, everywhere (policy.${kind} = "allow")`,
    },
    no,
  ]
}

/** What a yes that is remembered covers. */
const covered: Record<Risk, string> = {
  read: 'that reads',
  write: 'that writes in the workspace',
  run: 'that runs in the sandbox',
  network: 'that uses the network',
  project: 'that writes to the project',
  discard: 'that discards work',
  secrets: 'that uses secrets',
}

function keyOf(kind: QuestionKind, subject: string): string {
  return `${kind}\0${subject}`
}
