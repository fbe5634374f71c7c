import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import Docker from 'dockerode'
import { Failure } from '../core/failure.ts'

/** Milliseconds an engine may take to answer before it counts as not there. */
const patienceMs = 5000

/** What `agent doctor` tells about an engine. */
export interface EngineFacts {
  name: string
  version: string
  api: string
  host: string
  cgroup: string
  storage: string
  /** As the engine names it: `x86_64`, `aarch64`. */
  architecture: string
  cpus: number
  /** Bytes. */
  memory: number
}

/** A container engine that answered, behind Docker's API. */
export class Engine {
  readonly docker: Docker
  /** As `docker -H` takes it: `unix:///var/run/docker.sock`. */
  readonly host: string

  constructor(docker: Docker, host: string) {
    this.docker = docker
    this.host = host
  }

  /** Whether only processes of this machine reach it. */
  get local(): boolean {
    return this.host.startsWith('unix:')
  }

  async hasImage(name: string): Promise<boolean> {
    try {
      await this.docker.getImage(name).inspect()
      return true
    } catch (error) {
      if ((error as { statusCode?: number }).statusCode === 404) return false
      const reason = error instanceof Error ? error.message : String(error)
      throw new Failure('engine', `The engine does not say whether it has the image ${name}: ${reason}`, {
        cause: error,
      })
    }
  }

  async describe(): Promise<EngineFacts> {
    const [info, version] = await Promise.all([answerOf(this.docker.info()), answerOf(this.docker.version())])
    return {
      name: version.Components?.some((part) => part.Name.startsWith('Podman')) ? 'Podman' : 'Docker',
      version: version.Version,
      api: version.ApiVersion,
      host: this.host,
      cgroup: `v${info.CgroupVersion ?? '1'} (${info.CgroupDriver})`,
      storage: info.Driver,
      architecture: info.Architecture,
      cpus: info.NCPU,
      memory: info.MemTotal,
    }
  }
}

/**
 * The engine to work with: `host` where one is given (`DOCKER_HOST`), else the one of the docker command's current
 * context, else the first of the usual sockets that answers. `home` is the person's home folder.
 *
 * Errors: `Failure` `engine`, with what to install or start.
 */
export async function findEngine(options: { host?: string; home: string }): Promise<Engine> {
  const chosen = options.host || (await contextHost(options.home))
  const problems: Failure[] = []
  for (const host of chosen ? [chosen] : usualSockets(options.home)) {
    const engine = new Engine(connect(host), host)
    try {
      await answerOf(engine.docker.ping())
      return engine
    } catch (error) {
      problems.push(unanswered(host, error, chosen !== undefined))
    }
  }
  // A socket that is there and refuses says more than one that is not there.
  throw problems.find((problem) => !isMissing(problem.cause)) ?? problems[0]
}

function usualSockets(home: string): string[] {
  const uid = process.getuid?.() ?? 0
  return [
    '/var/run/docker.sock',
    join(home, '.docker/run/docker.sock'),
    join(home, '.docker/desktop/docker.sock'),
    join(home, '.orbstack/run/docker.sock'),
    join(home, '.colima/default/docker.sock'),
    join(home, '.rd/docker.sock'),
    `/run/user/${uid}/docker.sock`,
  ].map((path) => `unix://${path}`)
}

/** The host of the context that `docker context use` chose; undefined for the default one and for what is unreadable. */
async function contextHost(home: string): Promise<string | undefined> {
  try {
    const config = JSON.parse(await readFile(join(home, '.docker/config.json'), 'utf8')) as { currentContext?: unknown }
    const name = config.currentContext
    if (typeof name !== 'string' || name === 'default' || name === '') return undefined
    // The docker command names a context's folder by the hash of its name.
    const folder = createHash('sha256').update(name).digest('hex')
    const meta = JSON.parse(await readFile(join(home, '.docker/contexts/meta', folder, 'meta.json'), 'utf8')) as {
      Endpoints?: { docker?: { Host?: unknown } }
    }
    const host = meta.Endpoints?.docker?.Host
    return typeof host === 'string' && host !== '' ? host : undefined
  } catch {
    return undefined
  }
}

function connect(host: string): Docker {
  // `host` and `socketPath` are always both said: left out, dockerode would take them from DOCKER_HOST by itself.
  if (host.startsWith('unix://')) return new Docker({ socketPath: host.slice('unix://'.length), host: undefined })
  let url: URL | undefined
  try {
    url = new URL(host)
  } catch {
    // falls to the sentence below
  }
  if (url?.protocol === 'tcp:' || url?.protocol === 'http:') {
    return new Docker({ host: url.hostname, port: url.port || 2375, protocol: 'http', socketPath: undefined })
  }
  throw new Failure(
    'engine',
    `The engine address ${host} cannot be used: Drydock works with unix:///path/to/docker.sock or tcp://HOST:PORT. Change DOCKER_HOST or the docker context.`,
  )
}

function unanswered(host: string, cause: unknown, chosen: boolean): Failure {
  const code = errno(cause)
  const at = host.replace(/^unix:\/\//, '')
  if (code === 'EACCES' || code === 'EPERM') {
    return new Failure(
      'engine',
      `No permission to use the Docker engine at ${at}: add yourself to the docker group (sudo usermod -aG docker "$USER"), then log in again.`,
      { cause },
    )
  }
  if (!chosen && isMissing(cause)) {
    return new Failure(
      'engine',
      'No container engine answers: install Docker (Debian and Ubuntu: sudo apt-get install docker.io; macOS: Docker Desktop) and start it, or set DOCKER_HOST.',
      { cause },
    )
  }
  return new Failure('engine', `The Docker engine at ${at} does not answer: start it (sudo systemctl start docker).`, {
    cause,
  })
}

/** The answer, or an error where it does not come in time: an engine may accept a connection and say nothing. */
async function answerOf<T>(answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${patienceMs / 1000} s`)), patienceMs)
  })
  try {
    return await Promise.race([answer, late])
  } finally {
    clearTimeout(timer)
  }
}

function errno(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException | undefined)?.code
}

function isMissing(error: unknown): boolean {
  return errno(error) === 'ENOENT'
}
