import type { Bases } from './bases.ts'
import type { Outcome } from './journal.ts'
import type { Ledger } from './ledger.ts'

/** What is known beside the two trees: what the agent's versions are based on, and what was written to the project. */
export class Records {
  readonly bases: Bases
  readonly ledger: Ledger

  constructor(bases: Bases, ledger: Ledger) {
    this.bases = bases
    this.ledger = ledger
  }

  /** Notes the steps that were done. */
  async note(outcomes: readonly Outcome[]): Promise<void> {
    for (const { step, failure } of outcomes) {
      if (failure !== undefined) continue
      this.ledger.add(step)
      if (step.base === null) this.bases.release(step.path)
      else if (step.base !== undefined) this.bases.set(step.path, step.base)
    }
    await this.save()
  }

  async save(): Promise<void> {
    await this.bases.save()
    await this.ledger.save()
  }
}
