import { release } from 'node:os'
import Docker from 'dockerode'
import { Failure } from '../core/failure.ts'
import { isCommand } from './command.ts'
import { engineReason } from './engine-reason.ts'
import { type EngineAnswers, type EngineFacts, factsOf, libpodVersion } from './engine-facts.ts'

/** Milliseconds an engine may take to answer before it counts as not there. */
const patienceMs = 5000

/** A container engine behind Docker's API. */
export class Engine {
  readonly docker: Docker
  /** As `docker -H` takes it: `unix:///var/run/docker.sock`. */
  readonly host: string
  /** Why it was taken, as part of a sentence: `DOCKER_HOST`. */
  readonly origin: string
  private known: Promise<EngineFacts> | undefined
  private commands: Promise<'docker' | 'podman' | undefined> | undefined

  /** Nothing is connected yet. Errors: `Failure` `engine` for an address that cannot be used. */
  constructor(host: string, origin: string) {
    this.docker = connect(host, origin)
    this.host = host
    this.origin = origin
  }

  /** Whether only processes of this machine reach it. */
  get local(): boolean {
    return this.host.startsWith('unix:')
  }

  /** Rejects with the connection's own error where it does not answer in time. */
  async ping(): Promise<void> {
    await inTime(this.docker.ping())
  }

  async hasImage(name: string): Promise<boolean> {
    try {
      await this.docker.getImage(name).inspect()
      return true
    } catch (error) {
      if ((error as { statusCode?: number }).statusCode === 404) return false
      const text = `The engine does not say whether it has the image ${name}: ${engineReason(error)}`
      throw new Failure('engine', text, { cause: error })
    }
  }

  /** Asked once, and remembered. Errors: `Failure` `engine` where it does not answer. */
  describe(): Promise<EngineFacts> {
    this.known ??= this.ask().catch((cause: unknown) => {
      this.known = undefined
      throw new Failure('engine', `The engine at ${this.host} does not say what it is: ${engineReason(cause)}`, {
        cause,
      })
    })
    return this.known
  }

  /** The command on the PATH that opens a terminal in its containers; undefined where there is none. */
  terminalCommand(): Promise<'docker' | 'podman' | undefined> {
    this.commands ??= this.describe().then(async ({ name }) => {
      // Podman's service answers to both commands, Docker's to its own.
      if (name === 'Podman' && (await isCommand('podman'))) return 'podman'
      return (await isCommand('docker')) ? 'docker' : undefined
    })
    return this.commands
  }

  /** One request of podman's own API (Libpod). Rejects as dockerode does. */
  async podman<T>(method: 'GET' | 'POST', path: string, body?: object): Promise<T> {
    const { libpod } = await this.describe()
    return this.dial(`/v${libpod}/libpod${path}`, method, body)
  }

  private dial<T>(path: string, method: 'GET' | 'POST', options?: object): Promise<T> {
    const statusCodes = { 200: true, 201: true }
    return new Promise((resolve, reject) => {
      this.docker.modem.dial({ path, method, options, statusCodes }, (error: unknown, answer: unknown) => {
        if (error) reject(error as Error)
        else resolve(answer as T)
      })
    })
  }

  private async ask(): Promise<EngineFacts> {
    const asked = [this.docker.info(), this.docker.version()] as unknown as [
      Promise<EngineAnswers['info']>,
      Promise<EngineAnswers['version']>,
    ]
    const [info, version] = await inTime(Promise.all(asked))
    const libpod = libpodVersion(version)
    const path = `/v${libpod}/libpod/info`
    const podman = libpod ? await inTime(this.dial<EngineAnswers['podman']>(path, 'GET')) : undefined
    return factsOf(this.host, { info, version, podman }, { platform: process.platform, kernel: release() })
  }
}

function connect(host: string, origin: string): Docker {
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
    `The engine address ${host} cannot be used: Drydock works with unix:///path/to/docker.sock or tcp://HOST:PORT. Change ${origin}.`,
  )
}

/** The answer, or an error where it does not come in time: an engine may accept a connection and say nothing. */
async function inTime<T>(answer: Promise<T>): Promise<T> {
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
