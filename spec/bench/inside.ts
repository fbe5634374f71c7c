// What a call into a sandbox costs, beside the cheapest that there is (a bash that stays, on a terminal) and the dearest (a
// fresh `docker exec` each time).
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Engine } from '../../lib/sandbox/engine.ts'
import { openPty } from '../../lib/sandbox/pty.ts'
import { type EngineAndImage, startSandbox } from '../support/sandbox.ts'
import { type Row, type Summary, summary } from './row.ts'

const calls = 200
const freshCalls = 15
const MB = 2 ** 20

export async function insideCalls(ready: EngineAndImage): Promise<Row[]> {
  const { sandbox, project, stop } = await startSandbox(ready)
  try {
    const id = await containerOf(ready.engine)
    const { signal } = new AbortController()
    const shell = await sandbox.shell()
    const file = join(project, 'file.txt')
    const data = Buffer.from('A line of a file of five kilobytes.\n'.repeat(140))
    const fresh = summary(await times(freshCalls, () => freshExec(id)))
    const beside = `docker exec: ${fresh.median.toFixed(0)}`
    const row = (what: string, ours: Summary, promise: string): Row => ({
      what,
      ...ours,
      beside,
      ratio: ours.median / fresh.median,
      promise,
    })
    let made = 0
    const rows = [
      row(
        'write a file of 5 KB',
        summary(await times(calls, () => sandbox.files.write(`${file}.${made++}`, data))),
        '≤ 3 ms',
      ),
      row('write it in place of one', summary(await times(calls, () => sandbox.files.write(file, data))), '≤ 3 ms'),
      row('read it', summary(await times(calls, () => sandbox.files.read(file))), '≤ 2 ms'),
    ]
    const [ours, bare] = [await times(calls, () => shell.run('true', { signal })), await bareBash(id)]
    const least = summary(bare)
    rows.push({
      what: 'shell true',
      ...summary(ours),
      beside: `bare bash: ${least.median.toFixed(2)}, ${beside}`,
      ratio: summary(ours).median / least.median,
      promise: '≤ 2 ms',
    })
    const flood = async (megabytes: number) => {
      const before = process.memoryUsage().rss
      let most = before
      const began = performance.now()
      await shell.run(`yes 'A line of a flood.' | head -c ${megabytes}M`, {
        signal,
        onOutput: () => void (most = Math.max(most, process.memoryUsage().rss)),
      })
      return { ms: performance.now() - began, grown: (most - before) / MB }
    }
    await flood(20) // what a first flood makes room for is not the flood's
    const { ms, grown } = await flood(100)
    const raw = await timed(() => freshExec(id, `yes 'A line of a flood.' | head -c 100M`))
    rows.push({
      what: '100 MB of shell output',
      ...summary([ms]),
      beside: `docker exec: ${raw.toFixed(0)}`,
      ratio: ms / raw,
      promise: `grows < 20 MB: grew ${grown.toFixed(1)} MB`,
    })
    return rows
  } finally {
    await stop()
  }
}

async function containerOf({ docker }: Engine): Promise<string> {
  const [found] = await docker.listContainers({ filters: { label: [`drydock.pid=${process.pid}`] } })
  return found!.Id
}

async function freshExec(id: string, command = 'true'): Promise<void> {
  const child = spawn('docker', ['exec', id, 'bash', '-c', command], { stdio: ['ignore', 'pipe', 'ignore'] })
  child.stdout.resume()
  await once(child, 'close')
}

/** `true` in a bash that stays, answered by a prompt. */
async function bareBash(id: string): Promise<number[]> {
  let heard: (() => void) | undefined
  let text = ''
  const pty = openPty({
    file: 'docker',
    args: ['exec', '-it', '-e', 'PS1=<ready>', id, 'bash', '--norc', '--noprofile', '--noediting'],
    size: { cols: 80, rows: 24 },
    onText: (piece) => {
      text += piece
      if (text.endsWith('<ready>')) heard?.()
    },
    onExit: () => heard?.(),
  })
  const ready = () => new Promise<void>((resolve) => (heard = resolve))
  await ready()
  const found = await times(calls, () => {
    text = ''
    const answered = ready()
    pty.write('true\n')
    return answered
  })
  pty.hangUp()
  return found
}

async function times(count: number, act: () => Promise<unknown>): Promise<number[]> {
  const found: number[] = []
  for (let round = 0; round < count; round++) found.push(await timed(act))
  return found
}

async function timed(act: () => Promise<unknown>): Promise<number> {
  const began = performance.now()
  await act()
  return performance.now() - began
}
