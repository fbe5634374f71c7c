import { watch, writeFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { openLiveProject } from '../support/live-project.ts'
import type { Ready } from '../support/sandbox.ts'
import { summary, type Row } from './row.ts'

const saves = 60

/** From a save by rename to a process inside that watches and has read it, in turn with a watcher on this machine. */
export async function savedAndSeen(name: string, ready: Ready): Promise<Row> {
  const user = { uid: process.getuid!(), gid: process.getgid!() }
  const opened = await openLiveProject(ready, { mode: 'overlay', user, files: { 'a.txt': '0' } })
  const [seen, heard]: [number[], number[]] = [[], []]
  try {
    const follower = await opened.follow('a.txt')
    await follower.next()
    for (let save = 1; save <= saves; save++) {
      const began = performance.now()
      opened.save('a.txt', String(save))
      while ((await follower.next()) !== String(save));
      seen.push(performance.now() - began)
      heard.push(await watchedHere(opened.project))
    }
    follower.stop()
  } finally {
    await opened.close()
  }
  const [inside, here] = [summary(seen), summary(heard)]
  const beside = `watched on this machine: ${here.median.toFixed(1)}`
  return {
    what: `saved → seen inside, ${name}`,
    ...inside,
    beside,
    ratio: inside.median / here.median,
    promise: '≤ 300 ms',
  }
}

function watchedHere(folder: string): Promise<number> {
  return new Promise((resolve) => {
    const watcher = watch(folder, (_event, name) => {
      if (name !== 'beside') return
      watcher.close()
      resolve(performance.now() - began)
    })
    const began = performance.now()
    writeFileSync(join(folder, 'beside.saving'), '')
    renameSync(join(folder, 'beside.saving'), join(folder, 'beside'))
  })
}
