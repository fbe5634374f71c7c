/**
 * The screen over a conversation of so many lines, in a process of its own. Prints, as JSON, the milliseconds that
 * frames took, by the clock and by the processor, and the bytes of memory that the conversation costs: RSS after a
 * collection, beyond that of the same process with an empty conversation.
 */
import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { openAppScreen } from './app-screen.ts'
import { opened } from './facts.ts'
import { turnOf } from './long-conversation.ts'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void
/** What is collected goes back to the system from another thread, in its own time. */
const memory = async () => {
  for (let round = 0; round < 5; round++) {
    collect()
    await delay(100)
  }
  return process.memoryUsage().rss
}

/**
 * Milliseconds that the processor has worked on this thread; without Linux, on the process. What else a machine does
 * makes a frame late, and is no work of ours.
 */
const worked = () => {
  // Asking for the usage brings the kernel's numbers up to date.
  const { user, system } = process.cpuUsage()
  if (process.platform !== 'linux') return (user + system) / 1000
  return Number(readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'latin1').split(' ')[0]) / 1e6
}

const lines = Number(process.argv[2])
const screen = openAppScreen({ cols: 120, rows: 40, facts: opened })
const quiet = () => (screen.written.length = 0)
await screen.rows()
const empty = await memory()
for (let turn = 1; turn * 102 < lines; turn += 1) {
  screen.tell(...turnOf(turn))
  if (turn % 500 === 0) await new Promise(setImmediate)
}
await screen.rows()
const times: number[] = []
const work: number[] = []
/** What a person does over a long conversation, over and over. */
const frame = (i: number) => {
  const [began, before] = [performance.now(), worked()]
  if (i % 4 === 0) screen.type('x')
  else if (i % 4 === 1) screen.press('pageup')
  else if (i === 502) screen.press('ctrl+home')
  else screen.wheel(i < 700 ? 'up' : 'down', 30, 10)
  screen.screen.draw()
  work.push(worked() - before)
  times.push(performance.now() - began)
  quiet()
}
// What runs for the first time has yet to be compiled, however short the conversation is.
for (let i = 0; i < 100; i += 1) frame(i)
times.length = work.length = 0
for (let i = 0; i < 1_000; i += 1) frame(i)
const percentile = (of: number[], part: number) => of.toSorted((a, b) => a - b)[Math.floor(of.length * part)]!
const figures = { p99: percentile(times, 0.99), worked: percentile(work, 0.99), middle: percentile(times, 0.5) }
console.log(JSON.stringify({ ...figures, beyond: (await memory()) - empty, empty }))
await screen.close()
