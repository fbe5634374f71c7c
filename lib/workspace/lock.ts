import { randomBytes } from 'node:crypto'
import * as fs from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { Failure } from '../core/failure.ts'
import { isOrphan, ownedLabel, ownerLabels, thisProcess } from '../sandbox/owner.ts'
import { parseRecord } from './bases.ts'
import { isErrno } from './nofollow.ts'

/** Who has a lock. One that is brief gives it back by itself, without a person's doing. */
export interface Holder {
  pid: number
  brief: boolean
}

export interface LockOptions {
  brief?: boolean
  /** Milliseconds that brief holders are waited for. */
  patienceMs?: number
}

const pollMs = 20

/** The right to one workspace, or to write to one project: a file that names the process which has it. */
export class Lock {
  private readonly file: string
  private held = true

  private constructor(file: string) {
    this.file = file
  }

  /** Failure `busy` where a living process keeps it; what a dead one left is taken over. */
  static async take(file: string, { brief = false, patienceMs = 30_000 }: LockOptions = {}): Promise<Lock> {
    const until = Date.now() + patienceMs
    const draft = `${file}.${randomBytes(8).toString('hex')}`
    const labels = ownerLabels(brief ? 'brief' : 'workspace', await thisProcess())
    await fs.writeFile(draft, JSON.stringify(labels), { mode: 0o600 })
    try {
      for (;;) {
        try {
          await fs.link(draft, file)
          return new Lock(file)
        } catch (error) {
          if (!isErrno(error, 'EEXIST')) throw error
        }
        const { text, holder } = await read(file)
        if (holder === undefined) await clear(file, text, draft)
        else if (holder.brief && Date.now() < until) await moment()
        else throw busy(file, holder)
      }
    } finally {
      await fs.rm(draft, { force: true })
    }
  }

  /** The living process that has it; undefined where nobody does. */
  static async holder(file: string): Promise<Holder | undefined> {
    return (await read(file)).holder
  }

  /** Gives it back; once more does nothing: it may be somebody else's by then. */
  async release(): Promise<void> {
    if (!this.held) return
    this.held = false
    await fs.rm(this.file, { force: true })
  }
}

function busy(file: string, { pid, brief }: Holder): Failure {
  const message = brief
    ? `Another drydock (process ${pid}) has been at work on this project for a while. Try again once it is done.`
    : `Another session (process ${pid}) works in the workspace ${basename(dirname(file))}. End it, or use its changes there.`
  return new Failure('busy', message, { file })
}

async function read(file: string): Promise<{ text: string; holder?: Holder }> {
  const text = await fs.readFile(file, 'utf8').catch((error: unknown) => {
    if (isErrno(error, 'ENOENT')) return ''
    throw error
  })
  const labels = labelsIn(text, file)
  if (labels === undefined || (await isOrphan(labels, true))) return { text }
  return { text, holder: { pid: Number(labels['drydock.pid']), brief: labels[ownedLabel] === 'brief' } }
}

/** A lock is whole before it gets its name: one that is not was left by a machine that went down. */
function labelsIn(text: string, file: string): Record<string, string> | undefined {
  try {
    return parseRecord<string>(text, file)
  } catch {
    return undefined
  }
}

/**
 * Takes away what a dead holder left. Of those that find it so, one at a time may, and only while it is the same: or the
 * second would take away what the first has by then.
 */
async function clear(file: string, text: string, draft: string): Promise<void> {
  const guard = `${file}.clearing`
  try {
    await fs.link(draft, guard)
  } catch (error) {
    if (!isErrno(error, 'EEXIST')) throw error
    if ((await read(guard)).holder === undefined) await fs.rm(guard, { force: true })
    return moment()
  }
  try {
    if ((await read(file)).text === text) await fs.rm(file, { force: true })
  } finally {
    await fs.rm(guard, { force: true })
  }
}

function moment(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, pollMs))
}
