import { randomBytes } from 'node:crypto'
import * as fs from 'node:fs/promises'
import { Failure } from '../core/failure.ts'
import { isOrphan, ownerLabels, thisProcess } from '../sandbox/owner.ts'
import { parseRecord } from './bases.ts'
import { isErrno } from './nofollow.ts'

/** The right to one workspace: a file that names the process which has it. */
export class Lock {
  private readonly file: string

  private constructor(file: string) {
    this.file = file
  }

  /** Failure `busy` where a living process has it; what a dead one left is taken over. */
  static async take(file: string): Promise<Lock> {
    const draft = `${file}.${randomBytes(8).toString('hex')}`
    await fs.writeFile(draft, JSON.stringify(ownerLabels('workspace', await thisProcess())), { mode: 0o600 })
    try {
      for (;;) {
        try {
          await fs.link(draft, file)
          return new Lock(file)
        } catch (error) {
          if (!isErrno(error, 'EEXIST')) throw error
        }
        await clearStale(file)
      }
    } finally {
      await fs.rm(draft, { force: true })
    }
  }

  async release(): Promise<void> {
    await fs.rm(this.file, { force: true })
  }
}

async function clearStale(file: string): Promise<void> {
  const text = await fs.readFile(file, 'utf8').catch((error: unknown) => {
    if (isErrno(error, 'ENOENT')) return undefined
    throw error
  })
  if (text === undefined) return
  const labels = parseRecord<string>(text, file)
  if (!(await isOrphan(labels, true)))
    throw new Failure(
      'busy',
      `Another session (process ${labels['drydock.pid']}) works on this project. End it, or use its changes there.`,
      { file },
    )
  // Moved aside first: of two that find the same stale file, only one gets it.
  const aside = `${file}.${randomBytes(8).toString('hex')}`
  await fs.rename(file, aside).catch((error: unknown) => {
    if (!isErrno(error, 'ENOENT')) throw error
  })
  const moved = await fs.readFile(aside, 'utf8').catch(() => text)
  if (moved !== text) await fs.link(aside, file).catch(() => {})
  await fs.rm(aside, { force: true })
}
