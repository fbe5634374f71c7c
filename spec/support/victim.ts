import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { type AddressInfo, type Server, createServer } from 'node:net'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Identity } from '../../lib/sandbox/identity.ts'
import { treeOf } from './agent.ts'

/** What stands in the files of a victim and in nothing else: whoever has it has read one. */
export const secret = 'the-canary-of-the-host-sang'

/** A variable of this process that no sandbox is given, with the secret in it. */
export const secretVariable = 'DRYDOCK_SPEC_CANARY'

/** Settings of the kernel that an escape would begin with. */
const switches = [
  'kernel/core_pattern',
  'kernel/modprobe',
  'kernel/hostname',
  'user/max_user_namespaces',
  'vm/swappiness',
]

/**
 * Things of the host that an attack from inside would reach: files that anybody may write, servers on this machine, a
 * process of the attacker's own uid. Nothing but the walls stands between them and the work inside.
 */
export class Victim {
  readonly folder = realpathSync(mkdtempSync(join(tmpdir(), 'drydock-victim-')))
  readonly file = join(this.folder, 'secret.txt')
  /** Where a server of the spec's own listens, as HOST:PORT. */
  readonly addresses: string[] = []
  readonly socket = join(this.folder, 'socket')
  readonly abstract = `drydock-victim-${process.pid}`
  process!: ChildProcess
  private readonly servers: Server[] = []
  private readonly reached: string[] = []
  private before: unknown

  async start(user: Identity): Promise<this> {
    chmodSync(this.folder, 0o777)
    for (const name of ['secret.txt', 'inner/deep.txt']) {
      mkdirSync(join(this.folder, name, '..'), { recursive: true, mode: 0o777 })
      writeFileSync(join(this.folder, name), `${secret}\n`)
      chmodSync(join(this.folder, name), 0o666)
      if (process.getuid!() === 0) chownSync(join(this.folder, name), user.uid, user.gid)
    }
    process.env[secretVariable] = secret
    for (const host of hosts()) {
      const { port } = (await this.listen({ host, port: 0 })) as AddressInfo
      this.addresses.push(`${host}:${port}`)
    }
    await this.listen({ path: this.socket })
    await this.listen({ path: `\0${this.abstract}` })
    chmodSync(this.socket, 0o777)
    this.process = spawn('sleep', ['1000'], process.getuid!() === 0 ? user : {})
    await once(this.process, 'spawn')
    this.before = this.state()
    return this
  }

  /** What has changed or been reached since the start; equal to `untouched` where nothing has. */
  now(): unknown {
    return this.state()
  }

  get untouched(): unknown {
    return this.before
  }

  async stop(): Promise<void> {
    delete process.env[secretVariable]
    this.process?.kill('SIGKILL')
    await Promise.all(this.servers.map((server) => new Promise((resolve) => server.close(resolve))))
    rmSync(this.folder, { recursive: true, force: true })
  }

  private async listen(where: { host: string; port: number } | { path: string }): Promise<AddressInfo | string | null> {
    const server = createServer((socket) => {
      this.reached.push(JSON.stringify(where))
      socket.on('error', () => {})
      socket.end(`${secret}\n`)
    })
    this.servers.push(server)
    server.listen(where)
    await once(server, 'listening')
    return server.address()
  }

  private state(): unknown {
    const settings = switches.map((name) => `${name}=${read(`/proc/sys/${name}`)}`)
    const { exitCode, signalCode, pid } = this.process
    const traced = /^TracerPid:\s*(\d+)/m.exec(read(`/proc/${pid}/status`))?.[1]
    const files = Object.fromEntries(Object.entries(treeOf(this.folder)).filter(([path]) => path !== 'socket'))
    return { files, settings, reached: [...this.reached], process: { exitCode, signalCode, traced } }
  }
}

/** 127.0.0.1, and where it is there the address of Docker's bridge, which containers of another making would reach. */
function hosts(): string[] {
  const bridge = networkInterfaces()['docker0']?.find(({ family }) => family === 'IPv4')
  return ['127.0.0.1', ...(bridge ? [bridge.address] : [])]
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    return ''
  }
}
