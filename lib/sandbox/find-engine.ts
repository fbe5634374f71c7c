import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Failure } from '../core/failure.ts'
import { sha256 } from '../core/hash.ts'
import { Engine } from './engine.ts'
import { startPodmanService } from './podman-service.ts'

/** Where an engine may be: what the person's environment says. */
export interface EnginePlace {
  /** `DOCKER_HOST`, and podman's variable of the same kind, `CONTAINER_HOST`. */
  host?: string
  containerHost?: string
  /** The person's home folder. */
  home: string
  /** `XDG_RUNTIME_DIR`. */
  runtimeDir?: string
}

/** An engine's address, and why it is tried. */
interface Candidate {
  host: string
  origin: string
}

/**
 * The engine to work with: the one that a variable names, else the one of the docker command's current context, else the
 * first of the usual sockets that answers, else podman's, whose service is started where podman is installed.
 *
 * Errors: `Failure` `engine`, with what to install or start.
 */
export async function findEngine(place: EnginePlace): Promise<Engine> {
  const chosen = await named(place)
  if (chosen !== undefined) {
    const problem = await attempt(chosen)
    if (problem instanceof Engine) return problem
    throw unanswered(chosen, problem)
  }
  const problems: Failure[] = []
  for (const candidate of usualSockets(place)) {
    const engine = await attempt(candidate)
    if (engine instanceof Engine) return engine
    // A socket that is there and refuses says more than one that is not there.
    if (errno(engine) !== 'ENOENT') problems.push(unanswered(candidate, engine))
  }
  try {
    const host = await startPodmanService(place.runtimeDir)
    if (host) return new Engine(host, 'podman is installed, and no engine answered: its service was started')
  } catch (error) {
    problems.push(error as Failure)
  }
  throw (
    problems[0] ??
    new Failure(
      'engine',
      'No container engine answers: install Docker (Debian and Ubuntu: sudo apt-get install docker.io; macOS: Docker Desktop) and start it, or podman, or set DOCKER_HOST.',
    )
  )
}

async function named({ host, containerHost, home }: EnginePlace): Promise<Candidate | undefined> {
  if (host) return { host, origin: 'DOCKER_HOST' }
  if (containerHost) return { host: containerHost, origin: 'CONTAINER_HOST' }
  return dockerContext(home)
}

function usualSockets({ home, runtimeDir }: EnginePlace): Candidate[] {
  const uid = process.getuid?.() ?? 0
  const own = runtimeDir ?? `/run/user/${uid}`
  return [
    '/var/run/docker.sock',
    join(home, '.docker/run/docker.sock'),
    join(home, '.docker/desktop/docker.sock'),
    join(home, '.orbstack/run/docker.sock'),
    join(home, '.colima/default/docker.sock'),
    join(home, '.rd/docker.sock'),
    join(own, 'docker.sock'),
    join(own, 'podman/podman.sock'),
    join(home, '.local/share/containers/podman/machine/podman.sock'),
    // Root's own: nobody else may use it.
    ...(uid === 0 ? ['/run/podman/podman.sock'] : []),
  ].map((path) => ({ host: `unix://${path}`, origin: 'it answers at a usual place' }))
}

/** That of the context which `docker context use` chose; undefined for the default one and for what is unreadable. */
async function dockerContext(home: string): Promise<Candidate | undefined> {
  try {
    const config = JSON.parse(await readFile(join(home, '.docker/config.json'), 'utf8')) as { currentContext?: unknown }
    const name = config.currentContext
    if (typeof name !== 'string' || name === 'default' || name === '') return undefined
    // The docker command names a context's folder by the hash of its name.
    const folder = sha256(name)
    const meta = JSON.parse(await readFile(join(home, '.docker/contexts/meta', folder, 'meta.json'), 'utf8')) as {
      Endpoints?: { docker?: { Host?: unknown } }
    }
    const host = meta.Endpoints?.docker?.Host
    return typeof host === 'string' && host !== '' ? { host, origin: `the docker context ${name}` } : undefined
  } catch {
    return undefined
  }
}

/** The engine, or why it does not answer. */
async function attempt({ host, origin }: Candidate): Promise<unknown> {
  const engine = new Engine(host, origin)
  try {
    await engine.ping()
    return engine
  } catch (error) {
    return error
  }
}

function unanswered({ host }: Candidate, cause: unknown): Failure {
  const code = errno(cause)
  const at = host.replace(/^unix:\/\//, '')
  const isPodman = at.includes('podman')
  if ((code === 'EACCES' || code === 'EPERM') && !isPodman) {
    return new Failure(
      'engine',
      `No permission to use the Docker engine at ${at}: add yourself to the docker group (sudo usermod -aG docker "$USER"), then log in again.`,
      { cause },
    )
  }
  const [name, start] = isPodman
    ? ['Podman', 'systemctl --user start podman.socket']
    : ['Docker', 'sudo systemctl start docker']
  return new Failure('engine', `The ${name} engine at ${at} does not answer: start it (${start}).`, { cause })
}

function errno(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException | undefined)?.code
}
