import { chown, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { Failure } from '../../lib/core/failure.ts'
import { type ContainerOptions, startContainer } from '../../lib/sandbox/container.ts'
import { type Engine, findEngine } from '../../lib/sandbox/engine.ts'
import { buildImage, imageTag } from '../../lib/sandbox/image.ts'
import type { Exit, RunOptions, Sandbox } from '../../lib/sandbox/sandbox.ts'

export const imagesDir = new URL('../../sandbox-images', import.meta.url).pathname

export interface EngineAndImage {
  engine: Engine
  image: string
}

let ready: Promise<EngineAndImage> | undefined

/**
 * The engine of this machine with the base image, which is built where it is missing. Called in a `before` with its
 * context: where no engine answers, the specs are pending.
 */
export async function engineOrSkip(context: Mocha.Context): Promise<EngineAndImage> {
  let engine: Engine
  try {
    engine = await findEngine({ host: process.env['DOCKER_HOST'], home: homedir() })
  } catch (error) {
    if (error instanceof Failure && error.code === 'engine') return context.skip()
    throw error
  }
  const [timeout, began] = [context.timeout(), Date.now()]
  context.timeout(900_000)
  ready ??= provideImage(engine)
  const found = await ready
  context.timeout(timeout + Date.now() - began) // mocha counts from the beginning of the example
  return found
}

const report = (line: string): void => console.error(`    image: ${line}`)

/** The engine with the base image, which is built where it is missing. */
export async function provideImage(engine: Engine): Promise<EngineAndImage> {
  const image = await imageTag(imagesDir)
  if (!(await engine.hasImage(image))) {
    await buildImage(engine, { dir: imagesDir, onProgress: report, signal: AbortSignal.timeout(850_000) })
  }
  return { engine, image }
}

export const people = [
  { who: 'root', user: { uid: 0, gid: 0 } },
  { who: 'an ordinary user', user: { uid: 1000, gid: 1000 } },
]

/** Modest limits: what a spec provokes ends soon. */
export const limits = { memory: 512 * 1024 * 1024, cpus: 2, pids: 256 }

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
  await chown(folder, user.uid, user.gid)
  const project = join(folder, 'project')
  await mkdir(project)
  await chown(project, user.uid, user.gid)
  return { folder, project, home: join(folder, 'home'), runtimeDir: join(folder, 'run') }
}

export interface Started extends Grounds {
  sandbox: Sandbox
  /** Runs a command line with bash to its end and gives all it printed. */
  sh(command: string, options?: Partial<RunOptions>): Promise<{ exit: Exit; stdout: string; stderr: string }>
  stop(): Promise<void>
}

/**
 * Starts a sandbox on a project. Its workspace is an overlay in the grounds' `upper` and `work`, unless `mount` says
 * otherwise. Give it back with `stop`.
 */
export async function startSandbox(
  { engine, image }: EngineAndImage,
  options: Partial<ContainerOptions> & { grounds?: Grounds } = {},
): Promise<Started> {
  const user = options.user ?? { uid: 0, gid: 0 }
  const grounds = options.grounds ?? (await makeGrounds(user))
  const [upper, work] = [join(grounds.folder, 'upper'), join(grounds.folder, 'work')]
  for (const path of [upper, work]) {
    await mkdir(path, { recursive: true })
    await chown(path, user.uid, user.gid)
  }
  const sandbox = await startContainer(engine, {
    image,
    session: 'spec',
    project: grounds.project,
    mount: { kind: 'overlay', lower: grounds.project, upper, work },
    user,
    home: grounds.home,
    runtimeDir: grounds.runtimeDir,
    limits,
    env: {},
    ...options,
  })
  return {
    ...grounds,
    sandbox,
    sh: (command, run = {}) => shell(sandbox, command, run),
    stop: async () => {
      await sandbox.dispose()
      await rm(grounds.folder, { recursive: true, force: true })
    },
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
