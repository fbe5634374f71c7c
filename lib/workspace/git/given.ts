import * as fs from 'node:fs/promises'
import { parseRecord, writeWhole } from '../bases.ts'
import { isErrno } from '../nofollow.ts'
import type { Store } from '../store.ts'
import type { Given } from './state.ts'

/** What each repository of a workspace was given last, by its name. Failure `disk` where it is damaged. */
export async function readGiven({ gitGiven }: Store): Promise<Map<string, Given>> {
  const text = await fs.readFile(gitGiven, 'utf8').catch((error: unknown) => {
    if (isErrno(error, 'ENOENT')) return '{}'
    throw error
  })
  return new Map(Object.entries(parseRecord<Given>(text, gitGiven)))
}

export async function keepGiven({ gitGiven }: Store, given: ReadonlyMap<string, Given>): Promise<void> {
  await writeWhole(gitGiven, JSON.stringify(Object.fromEntries(given)))
}
