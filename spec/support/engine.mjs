// A container engine for the time of a test run: the one that answers, or, with consent and where it can be done, a
// private one of our own. Plain Node: it runs before anything is installed.
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { apt, isDebian, onPath } from './debian.mjs'

/** Images and layers outlive a run here, so that the next one is quick. */
const dataRoot = '/var/lib/drydock-spec'
/** Milliseconds for a started engine to answer, and for one to end. */
const patienceMs = 60_000

const say = (text) => console.log(`engine: ${text}`)

/**
 * Finds an engine, or brings one up where `consent` says that packages may be installed. `host` is what to set
 * DOCKER_HOST to, absent where the usual places will do; `note` says why there is none. Call `stop` after the run.
 */
export async function ensureEngine({ consent }) {
  const nothing = { stop: async () => {} }
  const named = process.env.DOCKER_HOST
  for (const host of named ? [named] : usualHosts()) {
    if (await answers(host)) return { host, note: '', ...nothing }
  }
  const note = refusal(consent, named)
  if (note !== undefined) return { note, ...nothing }
  try {
    install()
    // A package may have started the system's own.
    if (await answers('unix:///var/run/docker.sock')) return { note: '', ...nothing }
    return await start()
  } catch (error) {
    say(error.message)
    return { note: `No container engine: ${error.message}`, ...nothing }
  }
}

function usualHosts() {
  const home = homedir()
  return [
    '/var/run/docker.sock',
    join(home, '.docker/run/docker.sock'),
    `/run/user/${process.getuid()}/docker.sock`,
  ].map((path) => `unix://${path}`)
}

/** Why no engine may or can be brought up here. */
function refusal(consent, named) {
  if (named) return `The engine at ${named} (DOCKER_HOST) does not answer.`
  const yes = 'DRYDOCK_TEST_ENGINE=yes npm test'
  if (!consent) return `No container engine answers. Start Docker, or let the run bring up its own, as root: ${yes}`
  if (process.getuid() !== 0) return `No container engine answers, and only root can bring one up: sudo ${yes}`
  if (!isDebian())
    return 'No container engine answers, and only Debian and Ubuntu are known to the script that installs one.'
  return undefined
}

/** Installs what is missing of the engine, its command, and what makes the base image where none can be pulled. */
function install() {
  const wanted = { dockerd: 'docker.io', iptables: 'iptables', debootstrap: 'debootstrap' }
  const missing = Object.keys(wanted).filter((command) => !onPath(command))
  if (missing.length > 0) {
    const packages = missing.map((command) => wanted[command])
    say(`installing ${packages.join(', ')}`)
    apt('update')
    apt('install', '-y', '--no-install-recommends', ...packages)
  }
  // From Debian 13 on the command is a package of its own.
  if (!onPath('docker')) apt('install', '-y', '--no-install-recommends', 'docker-cli')
}

async function start() {
  const folder = mkdtempSync(join(tmpdir(), 'drydock-engine-'))
  const socket = join(folder, 'docker.sock')
  const log = join(folder, 'dockerd.log')
  const host = `unix://${socket}`
  mkdirSync(dataRoot, { recursive: true, mode: 0o711 })
  say('starting a private dockerd')
  const output = openSync(log, 'w')
  const daemon = spawn(
    'dockerd',
    ['--data-root', dataRoot, '--exec-root', join(folder, 'exec'), '--pidfile', join(folder, 'docker.pid'), '-H', host],
    {
      stdio: ['ignore', output, output],
      env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` },
      // Ctrl-C is for the run, which then ends the engine in order.
      detached: true,
    },
  )
  const over = new AbortController()
  const end = new Promise((resolve) => over.signal.addEventListener('abort', resolve))
  daemon.on('error', () => over.abort())
  daemon.on('exit', () => over.abort())
  const stop = async () => {
    if (!over.signal.aborted) {
      say('stopping the private dockerd')
      daemon.kill('SIGTERM')
      const late = setTimeout(() => daemon.kill('SIGKILL'), patienceMs)
      await end
      clearTimeout(late)
    }
    rmSync(folder, { recursive: true, force: true })
  }
  const deadline = Date.now() + patienceMs
  while (!over.signal.aborted && Date.now() < deadline) {
    if (await answers(host)) {
      say(`ready at ${host}`)
      endWith(stop)
      return { host, note: '', stop }
    }
    await delay(200)
  }
  const said = readFileSync(log, 'utf8').trim().split('\n').slice(-3).join('\n')
  await stop()
  throw new Error(`dockerd did not start:\n${said}`)
}

/** A run that is interrupted does not leave the engine behind. */
function endWith(stop) {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.once(signal, () => {
      stop().finally(() => process.exit(130))
    })
  }
}

function answers(host) {
  return new Promise((resolve) => {
    let where
    try {
      const { protocol, hostname, port, pathname } = new URL(host)
      where = protocol === 'unix:' ? { socketPath: pathname } : { host: hostname, port: port || 2375 }
    } catch {
      return resolve(false)
    }
    const asked = request({ ...where, path: '/_ping', timeout: 3000 }, (answer) => {
      answer.resume()
      resolve(answer.statusCode === 200)
    })
    asked.on('timeout', () => asked.destroy())
    asked.on('error', () => resolve(false))
    asked.end()
  })
}
