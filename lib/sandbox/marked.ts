import { readFile, readdir } from 'node:fs/promises'

/** Ends all processes of this machine that have `mark` (`NAME=value`) in their environment (proc(5)). */
export async function endMarked(mark: string): Promise<void> {
  for (;;) {
    const found = await markedWith(mark)
    if (found.length === 0) return
    for (const pid of found) {
      try {
        process.kill(pid, 'SIGKILL')
      } catch {
        // it has ended by itself
      }
    }
    // What it started meanwhile is found when one looks again.
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

async function markedWith(mark: string): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const marked = pids.map(async (pid) => {
    const environment = await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '')
    return environment.split('\0').includes(mark) ? [Number(pid)] : []
  })
  return (await Promise.all(marked)).flat()
}
