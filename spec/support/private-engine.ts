import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { Engine } from '../../lib/sandbox/engine.ts'
import { imageTag, recipeOf } from '../../lib/sandbox/recipe.ts'
import { type EngineAndImage, imagesDir, processes } from './sandbox.ts'

/** Milliseconds for it to answer. */
const patienceMs = 60_000

/** A dockerd that is a spec's own, to be killed and started again. */
export interface PrivateEngine {
  host: string
  engine: Engine
  /** Kills it as by an accident: what runs in it is left to itself. */
  kill(): Promise<void>
  /** Starts it again, and settles once it answers. */
  start(): Promise<void>
  /** Ends it with all that it has. */
  stop(): Promise<void>
}

/**
 * Brings up a dockerd in namespaces of its own, so that the machine's engine and network are not touched and nothing of it
 * is left mounted, and brings the base image over. Where that cannot be done the specs are pending, and the run says why.
 */
export async function privateEngineOrSkip(context: Mocha.Context, from: EngineAndImage): Promise<PrivateEngine> {
  const refused = obstacle()
  if (refused !== undefined) {
    console.error(`    engine: none of our own to kill: ${refused}`)
    context.skip()
  }
  const folder = mkdtempSync(join(tmpdir(), 'drydock-engine-'))
  // Holds the namespaces while no engine is in them.
  const holder = spawn('unshare', ['--net', '--mount', 'cat'], { stdio: ['pipe', 'pipe', 'ignore'] })
  holder.stdin.write('\n')
  await once(holder.stdout, 'data') // now it is in them
  const host = `unix://${join(folder, 'docker.sock')}`
  const engine = new Engine(host, 'a spec')
  let daemon: ChildProcess | undefined
  const start = async () => {
    await forgetContainerd(folder)
    const log = join(folder, 'dockerd.log')
    const output = openSync(log, 'a')
    daemon = spawn('nsenter', ['--target', `${holder.pid}`, '--net', '--mount', 'dockerd', ...words(folder, host)], {
      stdio: ['ignore', output, output],
      env: { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin:/sbin` },
    })
    closeSync(output)
    const deadline = Date.now() + patienceMs
    while (daemon.exitCode === null && Date.now() < deadline) {
      if (await answers(engine)) return
      await delay(50)
    }
    throw new Error(`dockerd did not start:\n${readFileSync(log, 'utf8').slice(-2000)}`)
  }
  const end = async (signal: NodeJS.Signals) => {
    if (!daemon || daemon.exitCode !== null || daemon.signalCode !== null) return
    const ended = once(daemon, 'exit')
    daemon.kill(signal)
    await ended
  }
  const stop = async () => {
    await end('SIGTERM')
    // What stood between a killed engine and its containers may stay where those have ended.
    const left = processes().filter(({ pid }) => commandOf(pid).includes(folder))
    if (left.length > 0) spawnSync('kill', ['-KILL', ...left.map(({ pid }) => `${pid}`)])
    holder.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true, maxRetries: 10 })
  }
  try {
    await start()
    await load(from.engine, host)
  } catch (error) {
    await stop()
    throw error
  }
  return { host, engine, kill: () => end('SIGKILL'), start, stop }
}

/**
 * Ends with a killed engine's containerd, which the kernel kills after it. The next engine would take one that nobody has
 * reaped yet for a living one, and wait for its socket in vain.
 */
async function forgetContainerd(folder: string): Promise<void> {
  const record = join(folder, 'exec', 'containerd', 'containerd.pid')
  if (!existsSync(record)) return
  const known = Number(readFileSync(record, 'utf8'))
  while (processes().some(({ pid }) => pid === known)) await delay(10)
  rmSync(record)
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1')
  } catch {
    return '' // it has just ended
  }
}

function words(folder: string, host: string): string[] {
  const own = ['--data-root', join(folder, 'data'), '--exec-root', join(folder, 'exec'), '-H', host]
  return [...own, '--pidfile', join(folder, 'docker.pid'), '--bridge', 'none', '--iptables=false', '--ip-forward=false']
}

function obstacle(): string | undefined {
  if (process.getuid!() !== 0) return 'only root can bring one up'
  const missing = ['dockerd', 'unshare', 'nsenter'].filter((command) => spawnSync(command, ['--version']).error)
  if (missing.length > 0) return `${missing.join(' and ')} cannot be run`
  const { status } = spawnSync('unshare', ['--net', '--mount', 'true'])
  return status === 0 ? undefined : 'this machine allows no namespaces'
}

async function answers(engine: Engine): Promise<boolean> {
  return engine.ping().then(
    () => true,
    () => false,
  )
}

/** Brings over what an agent works in where the project has no language. */
async function load(engine: Engine, host: string): Promise<void> {
  const image = engine.docker.getImage(await imageTag(imagesDir, recipeOf('base')))
  const docker = spawn('docker', ['-H', host, 'load', '--quiet'], { stdio: ['pipe', 'ignore', 'inherit'] })
  const ended = once(docker, 'close')
  await pipeline(await image.get(), docker.stdin)
  const [code] = (await ended) as [number]
  if (code !== 0) throw new Error(`docker load ended with ${code}`)
}
