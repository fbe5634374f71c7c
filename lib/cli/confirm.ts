import { createInterface } from 'node:readline/promises'
import type { Verdict } from '../config/schema.ts'
import { Failure } from '../core/failure.ts'
import type { Parts } from './parts.ts'

/** Asks the person at the terminal for a yes. Failure `denied` where nobody is there. */
export async function confirmed({ stdin, stderr }: Parts, question: string): Promise<boolean> {
  if (!stdin.isTTY) throw new Failure('denied', `Nobody is here to answer "${question}" Add --yes to say it ahead.`)
  const lines = createInterface({ input: stdin, output: stderr })
  try {
    return /^y(es)?$/i.test((await lines.question(`${question} [y/N] `)).trim())
  } finally {
    lines.close()
  }
}

/** Whether it may be done: by a yes said ahead, by the policy, or by the person's answer now. Errors as above. */
export async function agreed(
  parts: Parts,
  { yes, verdict }: { yes: boolean; verdict: Verdict },
  question: string,
): Promise<boolean> {
  return yes || verdict === 'allow' || confirmed(parts, question)
}
