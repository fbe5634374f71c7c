import { spawn } from 'node:child_process'
import { chmod, lstat, mkdir, open, readFile } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { Failure } from '../core/failure.ts'
import { isCommand } from './command.ts'

/** Milliseconds that it may take to start. */
const patienceMs = 20_000

let kept: NodeJS.Timeout | undefined

/**
 * The address of a podman service of this person's that lasts as long as the agents which use it: it ends by itself once
 * the last of them has ended, by SIGKILL too. Undefined where podman is not installed. `runtimeDir` is the person's
 * folder for sockets; `idleSeconds` is how long the service waits for the next of them.
 *
 * Errors: `Failure` `engine` where it does not start, with podman's own words.
 */
export async function startPodmanService(runtimeDir: string | undefined, idleSeconds = 5): Promise<string | undefined> {
  // Podman's service is for Linux; elsewhere podman is a client of a virtual machine.
  if (process.platform !== 'linux' || !(await isCommand('podman'))) return undefined
  const folder = await ownFolder(runtimeDir)
  const socket = join(folder, 'podman.sock')
  // It may be there already, for another agent.
  if (!(await pings(socket))) await start(folder, socket, idleSeconds)
  kept ??= setInterval(() => void pings(socket), (idleSeconds * 1000) / 2).unref()
  return `unix://${socket}`
}

/** A folder that nobody else may look into. */
async function ownFolder(runtimeDir: string | undefined): Promise<string> {
  const uid = process.getuid!()
  const folder = runtimeDir ? join(runtimeDir, 'drydock') : join(tmpdir(), `drydock-${uid}`)
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
  } catch (cause) {
    throw new Failure('engine', `No folder could be made for podman's service: ${(cause as Error).message}`, { cause })
  }
  const stat = await lstat(folder)
  if (!stat.isDirectory() || stat.uid !== uid)
    throw new Failure('engine', `The folder ${folder} is somebody else's: podman's service cannot be started in it.`)
  await chmod(folder, 0o700)
  return folder
}

async function start(folder: string, socket: string, idleSeconds: number): Promise<void> {
  // A file rather than a pipe: what it says after we have ended must not end it.
  const log = await open(join(folder, 'podman.log'), 'w')
  const args = ['system', 'service', `--time=${idleSeconds}`, `unix://${socket}`]
  // Of a session of its own: Ctrl-C in the agent's terminal is not for it.
  const child = spawn('podman', args, { cwd: '/', detached: true, stdio: ['ignore', log.fd, log.fd] })
  const ended = new Promise<'ended'>((resolve) => {
    child.once('error', () => resolve('ended'))
    child.once('exit', () => resolve('ended'))
  })
  child.unref()
  try {
    const deadline = Date.now() + patienceMs
    while (Date.now() < deadline) {
      const end = await Promise.race([ended, delay(20)])
      if (await pings(socket)) return
      if (end === 'ended') break
    }
    const said = (await readFile(join(folder, 'podman.log'), 'utf8')).trim().split('\n').at(-1)
    throw new Failure('engine', `podman's service does not start: ${said || 'it says nothing'}`)
  } finally {
    await log.close()
  }
}

function pings(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = request({ socketPath, path: '/_ping', timeout: 5000 }, (answer) => {
      answer.resume()
      answer.on('end', () => resolve(answer.statusCode === 200))
    })
    asked.on('timeout', () => asked.destroy())
    asked.on('error', () => resolve(false))
    asked.end()
  })
}
