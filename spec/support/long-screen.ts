/**
 * The screen over a conversation of so many lines, in a process of its own. Prints, as JSON, the milliseconds that
 * frames took and the bytes of memory that the conversation costs: RSS after a collection, beyond that of the same
 * process with an empty conversation.
 */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { openAppScreen } from './app-screen.ts'
import { opened } from './facts.ts'
import { turnOf } from './long-conversation.ts'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void
const memory = () => {
  collect()
  collect()
  return process.memoryUsage().rss
}

const lines = Number(process.argv[2])
const screen = openAppScreen({ cols: 120, rows: 40, facts: opened })
const quiet = () => (screen.written.length = 0)
await screen.rows()
const empty = memory()
for (let turn = 1; turn * 102 < lines; turn += 1) {
  screen.tell(...turnOf(turn))
  if (turn % 500 === 0) await new Promise(setImmediate)
}
await screen.rows()
const times: number[] = []
for (let i = 0; i < 400; i += 1) {
  const began = performance.now()
  if (i % 4 === 0) screen.type('x')
  else if (i % 4 === 1) screen.press('pageup')
  else if (i === 202) screen.press('ctrl+home')
  else screen.wheel(i < 300 ? 'up' : 'down', 30, 10)
  screen.screen.draw()
  times.push(performance.now() - began)
  quiet()
}
times.sort((a, b) => a - b)
const p99 = times[Math.floor(times.length * 0.99)]!
console.log(JSON.stringify({ p99, middle: times[times.length >> 1], beyond: memory() - empty, empty }))
await screen.close()
