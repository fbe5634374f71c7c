import { chownSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { Failure } from '../../lib/core/failure.ts'
import { type WorkspaceMount, startContainer } from '../../lib/sandbox/container.ts'
import { startEmbedded } from '../../lib/sandbox/embedded.ts'
import type { Layer } from '../../lib/sandbox/mounts.ts'
import type { Sandbox } from '../../lib/sandbox/sandbox.ts'
import { openWorkspace } from '../../lib/workspace/fill.ts'
import type { HostWorkspace } from '../../lib/workspace/host.ts'
import { Live } from '../../lib/workspace/live.ts'
import { type Ready, limits, makeGrounds } from './sandbox.ts'

export interface LiveProject {
  project: string
  sandbox: Sandbox
  workspace: HostWorkspace
  live: Live
  problems: Failure[]
  /** As an editor does: a temporary file, renamed. */
  save(path: string, content: string): void
  /** Starts a program inside that tells what a file holds whenever it hears that it changed; gives what it tells. */
  follow(path: string): Promise<{ next(): Promise<string>; stop(): void }>
  close(): Promise<void>
}

export interface LiveProjectOptions {
  mode: 'overlay' | 'copy'
  user: { uid: number; gid: number }
  files: Record<string, string>
}

/** A project whose workspace, in a real sandbox, lives with it. */
export async function openLiveProject(ready: Ready, { mode, user, files }: LiveProjectOptions): Promise<LiveProject> {
  const grounds = await makeGrounds(user)
  const { folder, project, home, runtimeDir } = grounds
  const save = (path: string, content: string) => {
    const file = join(project, path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(`${file}.saving`, content)
    for (let made = `${file}.saving`; made !== project; made = dirname(made)) chownSync(made, user.uid, user.gid)
    renameSync(`${file}.saving`, file)
  }
  for (const [path, content] of Object.entries(files)) save(path, content)
  const start = async (mount: WorkspaceMount, masks: Layer): Promise<Sandbox> => {
    if (mount.kind === 'overlay' && mode === 'copy') throw new Failure('sandbox', 'No overlay, please.')
    const common = { project, mount, masks, home, runtimeDir, user, limits, env: {} }
    const tools = { path: `${dirname(process.execPath)}:/usr/bin:/bin`, home: '/nonexistent' }
    if (ready === 'embedded') return startEmbedded({ ...common, tools })
    const { engine, image } = ready
    return startContainer(engine, { ...common, image, ownImage: image, session: 'spec' })
  }
  const signal = AbortSignal.timeout(60_000)
  const store = join(folder, 'store')
  const { sandbox, workspace } = await openWorkspace({ project, store, owner: user, signal, start })
  const problems: Failure[] = []
  const live = await Live.start({
    workspace,
    onFollowed: () => {},
    onProblem: (failure) => void problems.push(failure),
  })
  await live.idle()
  return {
    project,
    sandbox,
    workspace,
    live,
    problems,
    save,
    follow: (path) => follow(sandbox, project, path),
    close: async () => {
      await live.dispose()
      await sandbox.dispose()
      await workspace.dispose()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

const follower = `
const fs = require('node:fs')
const [folder, name] = process.argv.slice(1)
let last
const show = () => {
  try {
    const text = fs.readFileSync(folder + '/' + name, 'utf8')
    if (text !== last) console.log(JSON.stringify(last = text))
  } catch {}
}
fs.watch(folder, (_, changed) => changed === name && show())
show()
process.stdin.on('end', () => process.exit()).resume()
`

async function follow(sandbox: Sandbox, project: string, path: string) {
  const file = join(project, path)
  const name = file.slice(dirname(file).length + 1)
  const stream = await sandbox.stream(['node', '-e', follower, dirname(file), name])
  const lines = createInterface({ input: stream })[Symbol.asyncIterator]()
  return {
    next: async () => JSON.parse((await lines.next()).value as string) as string,
    stop: () => void stream.destroy(),
  }
}
