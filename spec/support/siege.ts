import { spawnSync } from 'node:child_process'
import * as fs from 'node:fs'
import { join } from 'node:path'
import type { Identity } from '../../lib/sandbox/identity.ts'
import { openWorkspace } from '../../lib/workspace/fill.ts'
import type { HostWorkspace } from '../../lib/workspace/host.ts'
import { type Grounds, type Ready, type Started, backends, makeGrounds, startSandbox } from './sandbox.ts'
import { Victim } from './victim.ts'

/** A sandbox of one kind with somebody hostile in it, and a victim outside. What it holds is there once its specs begin. */
export class Siege {
  readonly backend: string
  readonly user: Identity
  ready!: Ready
  victim!: Victim
  box!: Started
  grounds!: Grounds
  workspace!: HostWorkspace

  constructor(backend: string, user: Identity) {
    this.backend = backend
    this.user = user
  }

  /** Writes a file of the project, as whoever works inside. */
  put(path: string, text: string): void {
    const file = join(this.grounds.project, path)
    fs.mkdirSync(join(file, '..'), { recursive: true })
    fs.writeFileSync(file, text)
    for (const each of [join(file, '..'), file]) fs.chownSync(each, this.user.uid, this.user.gid)
  }

  async end(): Promise<void> {
    await this.box?.sandbox.dispose()
    await this.workspace?.dispose()
    await this.victim?.stop()
    if (this.grounds) spawnSync('rm', ['-rf', this.grounds.folder])
    else await this.box?.stop()
  }
}

export interface SiegeOptions {
  timeoutMs?: number
  /** Gives the sandbox a workspace on a project that this fills; a folder of its own where absent. */
  project?: (siege: Siege) => void
  /** The project's secrets. */
  secrets?: string[]
}

/** Describes an attack in every kind of sandbox, as everybody who may work there. */
export function besiege(
  attack: string,
  { timeoutMs = 60_000, project, secrets = [] }: SiegeOptions,
  specs: (siege: Siege) => void,
): void {
  for (const { backend, readyOrSkip, people } of backends)
    for (const { who, user } of people)
      describe(`attacks ${attack}: sandbox ${backend}, as ${who}`, function () {
        this.timeout(timeoutMs)
        const siege = new Siege(backend, user)

        before(async function () {
          siege.ready = await readyOrSkip(this)
          siege.victim = await new Victim().start(user)
          if (project === undefined) siege.box = await startSandbox(siege.ready, { user })
          else await open(siege, project, secrets)
        })
        after(() => siege.end())

        specs(siege)
      })
}

async function open(siege: Siege, project: (siege: Siege) => void, secrets: string[]): Promise<void> {
  const { ready, user } = siege
  const grounds = (siege.grounds = await makeGrounds(user))
  project(siege)
  const { workspace } = await openWorkspace({
    project: grounds.project,
    store: join(grounds.folder, 'store'),
    owner: user,
    signal: AbortSignal.timeout(60_000),
    secrets: Promise.resolve(secrets),
    start: async (mount, masks) => {
      siege.box = await startSandbox(ready, { grounds, user, mount, masks })
      return siege.box.sandbox
    },
  })
  siege.workspace = workspace
}
