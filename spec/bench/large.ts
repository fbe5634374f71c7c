// What a project of 100,000 files costs: filling its workspace beside `cp -a`, looking for changes and keeping them beside
// a look at every file, seeking secrets beside `find`.
import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { startEmbedded } from '../../lib/sandbox/embedded.ts'
import { findSecrets } from '../../lib/workspace/find-secrets.ts'
import { openWorkspace } from '../../lib/workspace/fill.ts'
import { Secrets } from '../../lib/workspace/secrets.ts'
import { limits, makeGrounds } from '../support/sandbox.ts'
import { type Row, type Summary, summary } from './row.ts'

const [folders, each] = [1000, 100]
const edits = 10
const rounds = 9

export async function largeProject(): Promise<Row[]> {
  const user = { uid: process.getuid!(), gid: process.getgid!() }
  const grounds = await makeGrounds(user)
  const { folder, project, home, runtimeDir } = grounds
  try {
    for (let n = 0; n < folders; n++) {
      mkdirSync(join(project, `d${n}`))
      for (let m = 0; m < each; m++) writeFileSync(join(project, `d${n}`, `f${m}.ts`), `export const n = ${n * m}\n`)
    }
    const copying = await timed(() => run('cp', '-a', project, join(folder, 'copy')))
    await rm(join(folder, 'copy'), { recursive: true })
    const [sought, found]: [number[], number[]] = [[], []]
    for (let round = 0; round < rounds; round++) {
      found.push(await timed(() => run('find', project)))
      sought.push(await timed(() => findSecrets(new Secrets(project))))
    }
    const signal = AbortSignal.timeout(600_000)
    const tools = { path: '/usr/bin:/bin', home: '/nonexistent' }
    const open = (name: string) =>
      openWorkspace({
        project,
        store: join(folder, name),
        owner: user,
        signal,
        start: (mount, masks) =>
          startEmbedded({ project, mount, masks, home, runtimeDir, user, limits, env: {}, tools }),
      })
    const filled: number[] = []
    for (let round = 0; round < rounds; round++) {
      let opened: Awaited<ReturnType<typeof open>>
      filled.push(await timed(async () => (opened = await open(`store${round}`))))
      await opened!.workspace.dispose()
      await opened!.sandbox.dispose()
    }
    const { sandbox, workspace } = await open('store')
    const [changed, kept]: [number[], number[]] = [[], []]
    for (let round = 0; round < rounds; round++) {
      const content = Buffer.from(`export const round = ${round}\n`)
      for (let edit = 0; edit < edits; edit++) await sandbox.files.write(join(project, `d${edit}`, 'f1.ts'), content)
      changed.push(await timed(() => workspace.changes()))
      kept.push(await timed(() => workspace.checkpoint()))
    }
    await workspace.dispose()
    await sandbox.dispose()
    const least = summary(found)
    return [
      row('workspace filled, sandbox and all', summary(filled), 'cp -a', copying, '≤ 200 ms, ≤ 1/20 of cp -a'),
      row(`changes after ${edits} edits`, summary(changed), 'find', least.median, '≤ 50 ms'),
      row('a checkpoint of them', summary(kept), 'find', least.median, '≤ 50 ms'),
      row('secrets sought', summary(sought), 'find', least.median, '≤ 3 × find'),
    ]
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function row(what: string, ours: Summary, beside: string, against: number, promise: string): Row {
  const ratio = ours.median / against
  return { what: `${what}, 100,000 files`, ...ours, beside: `${beside}: ${against.toFixed(0)}`, ratio, promise }
}

function run(command: string, ...words: string[]): void {
  const { status } = spawnSync(command, words, { stdio: 'ignore' })
  if (status !== 0) throw new Error(`${command} ended with ${status}`)
}

async function timed(act: () => unknown): Promise<number> {
  const began = performance.now()
  await act()
  return performance.now() - began
}
