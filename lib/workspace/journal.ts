import { randomBytes } from 'node:crypto'
import * as fs from 'node:fs/promises'
import { dirname } from 'node:path'
import { Failure } from '../core/failure.ts'
import { parseRecord, writeWhole } from './bases.ts'
import { hashIn, type Identity } from './leaf.ts'
import { isErrno } from './nofollow.ts'
import type { Objects } from './objects.ts'
import { place, type OnAct, type Step } from './place.ts'

/** A step, and what the workspace's version of the path is based on once it is done. */
export interface PlannedStep extends Step {
  /** Absent where that stays as it is; null where the workspace then shows the project's own version. */
  base?: Identity | null
}

export interface Outcome {
  step: PlannedStep
  /** Absent where it was done. */
  failure?: unknown
}

/**
 * Writes planned steps to the project so that a crash at any moment can be completed: the plan and all contents it
 * needs are on the disk before the first byte of the project changes, and a step that was done is recognised.
 */
export class Journal {
  private readonly file: string
  private readonly project: string
  private readonly objects: Objects

  constructor(file: string, project: string, objects: Objects) {
    this.file = file
    this.project = project
    this.objects = objects
  }

  /** Does the steps in their order. One that fails leaves its path as it was and does not keep the others. */
  async commit(steps: PlannedStep[], onAct: OnAct = () => {}): Promise<Outcome[]> {
    if (steps.length === 0) return []
    for (const { before, after } of steps)
      for (const hash of [hashIn(before), hashIn(after)]) if (hash) await this.objects.sync(hash)
    const draft = `.drydock-${randomBytes(8).toString('hex')}`
    onAct('journal')
    await writeWhole(this.file, JSON.stringify({ project: this.project, draft, steps }))
    await this.syncFolder()
    onAct('journalled')
    const outcomes = await this.perform(steps, draft, onAct)
    onAct('done')
    await this.close()
    return outcomes
  }

  /** Completes what a crash interrupted. What the person has changed since stays as they made it. */
  async recover(): Promise<Outcome[]> {
    const text = await fs.readFile(this.file, 'utf8').catch((error: unknown) => {
      if (isErrno(error, 'ENOENT')) return undefined
      throw error
    })
    if (text === undefined) return []
    const { project, draft, steps } = parseRecord(text, this.file)
    if (project !== this.project || typeof draft !== 'string' || !/^\.drydock-[0-9a-f]{16}$/.test(draft))
      throw new Failure('disk', `${this.file} belongs to another project; move it away.`, { file: this.file })
    return this.perform(steps as PlannedStep[], draft, () => {})
  }

  /** Forgets the plan: after a recovery, once its outcome is kept. */
  async close(): Promise<void> {
    await fs.rm(this.file, { force: true })
    await this.syncFolder()
  }

  private async perform(steps: PlannedStep[], draft: string, onAct: OnAct): Promise<Outcome[]> {
    const outcomes: Outcome[] = []
    for (const step of steps) {
      try {
        await place(this.project, step, Buffer.from(draft), this.objects, onAct)
        outcomes.push({ step })
      } catch (failure) {
        outcomes.push({ step, failure })
      }
    }
    return outcomes
  }

  private async syncFolder(): Promise<void> {
    const handle = await fs.open(dirname(this.file), 'r')
    await handle.sync().finally(() => handle.close())
  }
}
