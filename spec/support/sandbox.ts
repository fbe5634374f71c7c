import { readFileSync, readdirSync } from 'node:fs'
import { chown, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { Failure } from '../../lib/core/failure.ts'
import { type ContainerOptions, startContainer, userInside } from '../../lib/sandbox/container.ts'
import { type EmbeddedOptions, startEmbedded } from '../../lib/sandbox/embedded.ts'
import type { Engine } from '../../lib/sandbox/engine.ts'
import { findEngine } from '../../lib/sandbox/find-engine.ts'
import { embeddedObstacle } from '../../lib/sandbox/obstacle.ts'
import { buildImage } from '../../lib/sandbox/image.ts'
import { imageTag, recipeOf } from '../../lib/sandbox/recipe.ts'
import type { Exit, RunOptions, Sandbox } from '../../lib/sandbox/sandbox.ts'

export const imagesDir = new URL('../../sandbox-images', import.meta.url).pathname

export interface EngineAndImage {
  engine: Engine
  image: string
}

/** The engine that a person with this environment would work in. */
export function specEngine(): Promise<Engine> {
  const { DOCKER_HOST: host, XDG_RUNTIME_DIR: runtimeDir } = process.env
  return findEngine({ host, runtimeDir, home: homedir() })
}

let provided: Promise<EngineAndImage> | undefined

/**
 * The engine of this machine with the specs' image, which is built where it is missing. Called in a `before` with its
 * context: where no engine answers, the specs are pending.
 */
export async function engineOrSkip(context: Mocha.Context): Promise<EngineAndImage> {
  let engine: Engine
  try {
    engine = await specEngine()
  } catch (error) {
    if (error instanceof Failure && error.code === 'engine') return context.skip()
    throw error
  }
  const [timeout, began] = [context.timeout(), Date.now()]
  context.timeout(900_000)
  provided ??= provideImage(engine)
  const found = await provided
  context.timeout(timeout + Date.now() - began) // mocha counts from the beginning of the example
  return found
}

const report = (line: string): void => console.error(`    image: ${line}`)

/** What most specs work in: the base, and Node. */
export const specImage = recipeOf('node')

/** The engine with the specs' image, which is built where it is missing. */
export async function provideImage(engine: Engine): Promise<EngineAndImage> {
  const image = await imageTag(imagesDir, specImage)
  if (!(await engine.hasImage(image))) {
    await buildImage(engine, specImage, { dir: imagesDir, onProgress: report, signal: AbortSignal.timeout(850_000) })
  }
  return { engine, image }
}

const [uid, gid] = [process.getuid!(), process.getgid!()]

/** Those who may work in a sandbox: root starts one for anybody, anybody else for themselves. */
export const people =
  uid === 0
    ? [
        { who: 'root', user: { uid: 0, gid: 0 } },
        { who: 'an ordinary user', user: { uid: 1000, gid: 1000 } },
      ]
    : [{ who: 'an ordinary user', user: { uid, gid } }]

/** What a sandbox is started with: an engine, or the namespaces of this machine. */
export type Ready = EngineAndImage | 'embedded'

/** Where the kernel does not allow namespaces of our own, the specs are pending. */
export async function embeddedOrSkip(context: Mocha.Context): Promise<Ready> {
  if ((await embeddedObstacle()) !== undefined) context.skip()
  return 'embedded'
}

/** The name of a backend for what wants a sandbox of any kind: the one that starts sooner, where it can be. */
export async function sandboxOrSkip(context: Mocha.Context): Promise<'embedded' | 'container'> {
  if ((await embeddedObstacle()) === undefined) return 'embedded'
  await engineOrSkip(context)
  return 'container'
}

/**
 * The kinds of sandbox, with those who may work in them. spec/sandbox/ordinary.spec.ts runs these specs as an ordinary
 * user once more: without an engine, and in podman's containers.
 */
export const backends = [
  { backend: 'container', readyOrSkip: engineOrSkip as (context: Mocha.Context) => Promise<Ready>, people },
  { backend: 'embedded', readyOrSkip: embeddedOrSkip, people },
]

/** Modest limits: what a spec provokes ends soon. */
export const limits = { memory: 512 * 1024 * 1024, cpus: 2, pids: 256, disk: 16 * 1024 ** 3 }

export interface Grounds {
  /** Holds everything of the spec; removed with it. */
  folder: string
  project: string
  home: string
  runtimeDir: string
}

/** A folder with an empty project that belongs to the user. */
export async function makeGrounds(user: { uid: number; gid: number }): Promise<Grounds> {
  const folder = await mkdtemp(join(tmpdir(), 'drydock-spec-'))
  await give(folder, user)
  const project = join(folder, 'project')
  await mkdir(project)
  await give(project, user)
  return { folder, project, home: join(folder, 'home'), runtimeDir: join(folder, 'run') }
}

/** Only root may give anything away; whoever else makes something has it already. */
async function give(path: string, user: { uid: number; gid: number }): Promise<void> {
  if (uid === 0) await chown(path, user.uid, user.gid)
}

export interface Started extends Grounds {
  sandbox: Sandbox
  /** Who the user is inside. */
  inside: { uid: number; gid: number }
  /** Runs a command line with bash to its end and gives all it printed. */
  sh(command: string, options?: Partial<RunOptions>): Promise<{ exit: Exit; stdout: string; stderr: string }>
  stop(): Promise<void>
}

/**
 * Starts a sandbox on a project. Its workspace is an overlay in the grounds' `upper` and `work`, unless `mount` says
 * otherwise. Give it back with `stop`.
 */
export async function startSandbox(
  ready: Ready,
  options: Partial<ContainerOptions> & { grounds?: Grounds; tools?: EmbeddedOptions['tools'] } = {},
): Promise<Started> {
  const user = options.user ?? { uid, gid }
  const grounds = options.grounds ?? (await makeGrounds(user))
  const [upper, work] = [join(grounds.folder, 'upper'), join(grounds.folder, 'work')]
  for (const path of [upper, work]) {
    await mkdir(path, { recursive: true })
    await give(path, user)
  }
  const common: EmbeddedOptions = {
    tools: { path: '/usr/bin:/bin', home: '/nonexistent' },
    project: grounds.project,
    mount: { kind: 'overlay', lower: grounds.project, upper, work },
    user,
    home: grounds.home,
    runtimeDir: grounds.runtimeDir,
    limits,
    env: {},
    ...options,
  }
  const sandbox =
    ready === 'embedded'
      ? await startEmbedded(common)
      : await startContainer(ready.engine, { image: ready.image, session: 'spec', ...common })
  return {
    ...grounds,
    sandbox,
    inside: ready === 'embedded' ? user : userInside(await ready.engine.describe(), user),
    sh: (command, run = {}) => shell(sandbox, command, run),
    stop: async () => {
      await sandbox.dispose()
      await rm(grounds.folder, { recursive: true, force: true })
    },
  }
}

/** Ends the sandbox that this process started last, as by an accident. */
export async function killSandbox(ready: Ready): Promise<void> {
  if (ready === 'embedded') return void process.kill(keepers(process.pid).at(-1)!, 'SIGKILL')
  const [found] = await ready.engine.docker.listContainers({ filters: { label: [`drydock.pid=${process.pid}`] } })
  await ready.engine.docker.getContainer(found!.Id).kill()
}

/** The first processes of the embedded sandboxes that a process of this machine has started, the oldest first. */
export function keepers(owner: number): number[] {
  const children = processes().filter(({ parent }) => parent === owner)
  return processes()
    .filter(({ pid, parent }) => isKeeper(pid) && children.some((child) => child.pid === parent))
    .map(({ pid }) => pid)
}

/** The processes of this machine that have not ended. */
export function processes(): { pid: number; parent: number; session: number }[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, 'utf8')
        const [state, parent, , session] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
        return state === 'Z' ? [] : [{ pid: Number(name), parent: Number(parent), session: Number(session) }]
      } catch {
        return []
      }
    })
    .toSorted((a, b) => a.pid - b.pid)
}

function isKeeper(pid: number): boolean {
  try {
    const words = readFileSync(`/proc/${pid}/cmdline`, 'latin1').split('\0')
    return basename(words[0]!) === 'bash' && words.includes('eval "$DRYDOCK_KEEPER"')
  } catch {
    return false
  }
}

async function shell(
  sandbox: Sandbox,
  command: string,
  options: Partial<RunOptions>,
): Promise<{ exit: Exit; stdout: string; stderr: string }> {
  const heard: Record<'stdout' | 'stderr', Buffer[]> = { stdout: [], stderr: [] }
  const exit = await sandbox.run(['bash', '-c', command], {
    signal: AbortSignal.timeout(60_000),
    ...options,
    onOutput: (chunk, stream) => void heard[stream].push(chunk),
  })
  return { exit, stdout: Buffer.concat(heard.stdout).toString(), stderr: Buffer.concat(heard.stderr).toString() }
}

/** What a promise failed with, as its code; `done` where it did not fail. */
export async function failureCode(promise: Promise<unknown>): Promise<string> {
  try {
    await promise
    return 'done'
  } catch (error) {
    return error instanceof Failure ? error.code : `not a Failure: ${String(error)}`
  }
}
