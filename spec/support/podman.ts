import { type SpawnOptions, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { type Person, mayRead } from './ordinary.ts'
import { type EngineAndImage, engineOrSkip, processes } from './sandbox.ts'

/** An ordinary user who has podman, with the base image in it. */
export interface PodmanUser extends Person {
  /** Ends all that is theirs. */
  dispose(): void
}

/** A user of the specs' own, whose images outlive a run so that the next one is quick. */
const name = 'drydock-spec'
const home = '/var/lib/drydock-podman'

/**
 * Makes an ordinary user who has podman without root, and the base image from the engine that the specs have. Where that
 * cannot be done (spec/support/podman.mjs installs podman) the specs are pending, and the run says why.
 */
export async function podmanUserOrSkip(context: Mocha.Context): Promise<PodmanUser> {
  const engine = await engineOrSkip(context)
  const skip = (reason: string): never => {
    console.error(`    podman: no specs in it: ${reason}`)
    return context.skip()
  }
  if (process.getuid!() !== 0) return skip('only root can make a user of its own for them')
  const missing = ['podman', 'newuidmap'].filter((command) => spawnSync(command, ['--help']).error)
  if (missing.length > 0) return skip(`${missing.join(' and ')} cannot be run (Debian: podman, uidmap)`)
  const ids = account()
  if (!mayRead(ids)) return skip('others than root may not read this package')
  const runtime = mkdtempSync(join(tmpdir(), 'drydock-podman-'))
  chownSync(runtime, ids.uid, ids.gid)
  const user = { ...ids, home, env: { XDG_RUNTIME_DIR: runtime } }
  await load(engine, user)
  return {
    ...user,
    dispose: () => {
      // What runs in the background there: the service, and what waits five minutes to clear up after each program.
      for (const { pid } of processes()) if (ownerOf(pid) === ids.uid) process.kill(pid, 'SIGKILL')
      rmSync(runtime, { recursive: true, force: true })
    },
  }
}

/** The user's ids; made where there is none yet, with ids for containers. */
function account(): { uid: number; gid: number } {
  const found = () => /^[^:]*:[^:]*:(\d+):(\d+):/m.exec(spawnSync('getent', ['passwd', name]).stdout.toString())
  if (!found()) run('useradd', '--home-dir', home, '--create-home', '--shell', '/usr/sbin/nologin', name)
  const range = '1000000-1065535'
  for (const [file, option] of [
    ['/etc/subuid', '--add-subuids'],
    ['/etc/subgid', '--add-subgids'],
  ] as const) {
    const known = existsSync(file) && readFileSync(file, 'utf8').includes(`${name}:`)
    if (!known) run('usermod', option, range, name)
  }
  const [, uid, gid] = found()!
  const ids = { uid: Number(uid), gid: Number(gid) }
  // Debian's podman takes storage that copies each image whole unless it is told better, or has fuse-overlayfs.
  const folder = join(home, '.config', 'containers')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'storage.conf'), '[storage]\ndriver = "overlay"\n')
  for (const path of [join(home, '.config'), folder]) chownSync(path, ids.uid, ids.gid)
  return ids
}

/** Brings the image over, where it is not there yet. */
async function load(from: EngineAndImage, { uid, gid, env }: Person): Promise<void> {
  const options = { uid, gid, cwd: home, env: { PATH: process.env['PATH'], HOME: home, ...env } }
  if (spawnSync('podman', ['image', 'exists', from.image], options).status !== 0) await loadImage(from, [], options)
}

/** Brings the image into a podman, which is the one that these words before a command and these options lead to. */
export async function loadImage(
  { engine, image }: EngineAndImage,
  words: string[],
  options: SpawnOptions,
): Promise<void> {
  const podman = spawn('podman', [...words, 'load', '--quiet'], { ...options, stdio: ['pipe', 'ignore', 'inherit'] })
  const ended = once(podman, 'close')
  await pipeline(await engine.docker.getImage(image).get(), podman.stdin!)
  const [code] = (await ended) as [number]
  if (code !== 0) throw new Error(`podman load ended with ${code}`)
}

function run(command: string, ...words: string[]): void {
  const { status, stderr } = spawnSync(command, words)
  if (status !== 0) throw new Error(`${command}: ${stderr.toString()}`)
}

function ownerOf(pid: number): number | undefined {
  return statSync(`/proc/${pid}`, { throwIfNoEntry: false })?.uid
}
