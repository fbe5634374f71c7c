import type { Bus } from '../core/bus.ts'
import type { Answer, Question, QuestionKind } from '../core/events.ts'
import { Failure } from '../core/failure.ts'

export interface Reply {
  answer: Answer
  /** What the model is told on a no. */
  remark?: string
}

/** Finds the answer to a question. Throws the signal's reason on abort, or Failure `denied` where nobody can say yes. */
export type Answerer = (question: Question, signal: AbortSignal) => Promise<Reply>

/** Waits for the person's `approval.answer`. An answer that was not on offer is none. */
export function askPerson(bus: Bus): Answerer {
  return (question, signal) =>
    new Promise((resolve, reject) => {
      signal.throwIfAborted()
      const heard = bus.on('approval.answer', ({ id, answer, remark }) => {
        if (id !== question.id || !question.choices.some((choice) => choice.answer === answer)) return
        stop()
        resolve(remark === undefined ? { answer } : { answer, remark })
      })
      const aborted = () => {
        stop()
        reject(signal.reason as Error)
      }
      const stop = () => {
        heard.dispose()
        signal.removeEventListener('abort', aborted)
      }
      signal.addEventListener('abort', aborted, { once: true })
    })
}

/** Where nobody can be asked: says yes to what was granted ahead, and throws Failure `denied` for all else. */
export function grantedAhead(grants: readonly QuestionKind[]): Answerer {
  return async ({ kind, title, choices }) => {
    const each = kind === 'run' && !choices.some(({ answer }) => answer === 'session')
    if (grants.includes(kind) && !each) return { answer: 'once' }
    const remedy =
      kind === 'trust'
        ? 'Open the project with `agent` once and answer there'
        : each
          ? 'Without a sandbox each command wants a yes of its own: open the project with `agent`'
          : `Grant it ahead with --allow ${kind}`
    throw new Failure('denied', `Nobody is here to answer "${title}". ${remedy}.`)
  }
}
