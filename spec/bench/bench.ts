// `npm run bench`: the times that we promise. Each figure stands beside what it is measured against in the same run,
// since machines differ and wander: the ratios count.
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { findEngine } from '../../lib/sandbox/find-engine.ts'
import { loadPty } from '../../lib/sandbox/pty.ts'
import { createTools } from '../../lib/tools/create.ts'
import { createRegistry } from '../../lib/tools/registry.ts'
import type { ToolContext } from '../../lib/tools/tool.ts'
import type { Workspace } from '../../lib/workspace/workspace.ts'
import { makeGrounds, provideImage, startSandbox } from '../support/sandbox.ts'
import { insideCalls } from './inside.ts'
import { largeProject } from './large.ts'
import { savedAndSeen } from './live.ts'
import { summary, type Row } from './row.ts'
import { screenFrames } from './screen.ts'
import { wholeScreen } from './terminal.ts'

const root = resolve(import.meta.dirname, '..', '..')
const rounds = 15
const calls = 200

const engine = await findEngine({ host: process.env.DOCKER_HOST, home: homedir() })
const rows = [
  ...(await start()),
  ...(await wholeScreen()),
  ...(await screenFrames()),
  ...(await toolCalls()),
  ...(await insideCalls(await provideImage(engine))),
  await embedded(),
  await container(),
  ...(await largeProject()),
  await savedAndSeen('container', await provideImage(engine)),
  await savedAndSeen('embedded', 'embedded'),
]
console.log('| what | median ms | least ms | p99 ms | beside | ratio | promise |\n|---|---|---|---|---|---|---|')
for (const { what, median, least, p99, beside, ratio, promise } of rows)
  console.log(
    `| ${what} | ${[median, least, p99].map((ms) => ms.toFixed(2)).join(' | ')} | ${beside} | ${ratio.toFixed(2)} | ${promise} |`,
  )

/** From starting the program to its first frame, in turn with a Node that does nothing at all. */
async function start(): Promise<Row[]> {
  const home = mkdtempSync(join(tmpdir(), 'drydock-bench-'))
  const project = join(home, 'project')
  mkdirSync(join(project, '.git'), { recursive: true })
  const frames: number[] = []
  const nothing: number[] = []
  try {
    mkdirSync(join(home, '.config', 'drydock'), { recursive: true })
    writeFileSync(join(home, '.config', 'drydock', 'config.toml'), '[sandbox]\nbackend = "container"\n')
    await firstFrame(home, project, 3000) // makes V8's code cache, as the first start of a person does
    for (let round = 0; round < rounds; round++) {
      nothing.push(await doNothing())
      frames.push(await firstFrame(home, project, 0))
    }
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
  const [frame, node] = [summary(frames), summary(nothing)]
  const beside = `node -e 0: ${node.median.toFixed(1)}`
  return [{ what: 'first frame', ...frame, beside, ratio: frame.median / node.median, promise: '≤ 2.5 × node -e 0' }]
}

/** Milliseconds until the first frame is on the terminal; then waits `stay` and ends the program. */
function firstFrame(home: string, cwd: string, stay: number): Promise<number> {
  const { PATH = '' } = process.env
  const env = { HOME: home, PATH, TERM: 'xterm-256color', LANG: 'C.UTF-8', DOCKER_HOST: 'unix:///nowhere' }
  const began = performance.now()
  const pty = loadPty().spawn(
    'env',
    [
      '-i',
      ...Object.entries(env).map(([name, value]) => `${name}=${value}`),
      process.execPath,
      join(root, 'bin', 'agent'),
      cwd,
    ],
    { name: 'xterm-256color', cols: 120, rows: 40 },
  )
  return new Promise((done) => {
    let seen = ''
    let took = 0
    pty.onData((text) => {
      seen += text
      if (took > 0 || !seen.includes('drydock')) return
      took = performance.now() - began
      setTimeout(() => pty.kill('SIGTERM'), stay)
    })
    pty.onExit(() => done(took))
  })
}

function doNothing(): Promise<number> {
  const { PATH = '' } = process.env
  return timed(() => ended(spawn(process.execPath, ['-e', '0'], { env: { PATH } })))
}

function ended(child: ChildProcess): Promise<unknown> {
  return new Promise((done) => child.on('exit', done))
}

/** From nothing to an embedded sandbox that takes programs, in turn with the bare namespaces. */
async function embedded(): Promise<Row> {
  const user = { uid: process.getuid!(), gid: process.getgid!() }
  const [wholes, bares]: [number[], number[]] = [[], []]
  for (let round = 0; round < rounds; round++) {
    bares.push(await timed(() => ended(spawn('unshare', ['-Ur', '--mount', '--pid', '--net', '--fork', 'true']))))
    const grounds = await makeGrounds(user)
    const began = performance.now()
    const { sandbox, stop } = await startSandbox('embedded', { grounds, user })
    wholes.push(performance.now() - began)
    await sandbox.files.stat('/project')
    await stop()
  }
  const [whole, bare] = [summary(wholes), summary(bares)]
  const beside = `unshare true: ${bare.median.toFixed(1)}`
  return { what: 'embedded sandbox ready', ...whole, beside, ratio: whole.median / bare.median, promise: '≤ 60 ms' }
}

/** From nothing to a container that takes programs, in turn with a plain one of the same image. */
async function container(): Promise<Row> {
  const ready = await provideImage(engine)
  const [wholes, bares]: [number[], number[]] = [[], []]
  for (let round = 0; round < rounds; round++) {
    const args = ['-H', engine.host, 'run', '--rm', '--network', 'none', ready.image, 'true']
    bares.push(await timed(() => ended(spawn('docker', args, { stdio: 'ignore' }))))
    const grounds = await makeGrounds({ uid: process.getuid!(), gid: process.getgid!() })
    const began = performance.now()
    const { sandbox, stop } = await startSandbox(ready, { grounds })
    await sandbox.files.stat('/project')
    wholes.push(performance.now() - began)
    await stop()
  }
  const [whole, bare] = [summary(wholes), summary(bares)]
  const beside = `docker run: ${bare.median.toFixed(0)}`
  return { what: 'container ready', ...whole, beside, ratio: whole.median / bare.median, promise: '≤ 1.2 × docker run' }
}

/** Tool calls as the agent makes them, in turn with the bare request to the container below them. */
async function toolCalls(): Promise<Row[]> {
  const { sandbox, project, stop } = await startSandbox(await provideImage(engine))
  try {
    await sandbox.files.write(
      join(project, 'file.txt'),
      Buffer.from('A line of a file of five kilobytes.\n'.repeat(140)),
    )
    const registry = createRegistry(
      createTools({ outputBytes: 30_000, commandSeconds: 60, ignore: [] }, join(root, 'lib', 'tools')),
    )
    const { signal } = new AbortController()
    const context: ToolContext = {
      sandbox,
      workspace: { root: project } as Workspace,
      signal,
      onOutput: () => undefined,
    }
    const call = async (name: string, args: unknown) => {
      const prepared = await registry.prepare({ name, arguments: JSON.stringify(args) })
      if (!prepared.ok) throw new Error(prepared.result.text)
      const result = await registry.run(prepared, context)
      if (!result.ok) throw new Error(result.text)
    }
    const shell = await sandbox.shell()
    return [
      await pair(
        'tool call: read',
        'files.read',
        () => call('read', { path: 'file.txt' }),
        () => sandbox.files.read(join(project, 'file.txt')),
      ),
      await pair(
        'tool call: shell true',
        'shell.run',
        () => call('shell', { command: 'true' }),
        () => shell.run('true', { signal }),
      ),
    ]
  } finally {
    await stop()
  }
}

async function pair(
  what: string,
  bare: string,
  whole: () => Promise<unknown>,
  below: () => Promise<unknown>,
): Promise<Row> {
  const [wholes, belows]: [number[], number[]] = [[], []]
  for (let round = 0; round < calls; round++) {
    wholes.push(await timed(whole))
    belows.push(await timed(below))
  }
  const [ours, theirs] = [summary(wholes), summary(belows)]
  return {
    what,
    ...ours,
    beside: `${bare}: ${theirs.median.toFixed(2)}`,
    ratio: ours.median / theirs.median,
    promise: '≤ 5 ms',
  }
}

async function timed(act: () => Promise<unknown>): Promise<number> {
  const began = performance.now()
  await act()
  return performance.now() - began
}
