import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Failure } from '../core/failure.ts'
import { capture } from './command.ts'
import type { Engine } from './engine.ts'
import { followProgress } from './progress.ts'
import { pull } from './pull.ts'

export interface BaseOptions {
  /** `debian:bookworm-slim`: what the Dockerfile starts from. */
  name: string
  onProgress: (line: string) => void
  signal: AbortSignal
}

/**
 * Makes sure that the engine has the Debian image: there already, pulled, or else made by debootstrap where that is
 * installed and we may run it.
 *
 * Errors: `Failure` `image`; an abort throws the signal's reason.
 */
export async function provideBase(engine: Engine, options: BaseOptions): Promise<void> {
  if (await engine.hasImage(options.name)) return
  const refusal = await pull(engine, options)
  if (refusal === undefined) return
  options.onProgress(`${options.name} cannot be pulled (${refusal})`)
  const found = await capture('debootstrap', ['--version'], { signal: options.signal })
  if (found.code !== 0 || process.getuid?.() !== 0) {
    throw new Failure(
      'image',
      `The image ${options.name} is not there and cannot be pulled (${refusal}). Give the engine access to a registry that has it, or load it with docker load.`,
    )
  }
  await bootstrap(engine, options)
}

/** A minimal Debian from the Debian archive, imported under the image's name. */
async function bootstrap(engine: Engine, { name, onProgress, signal }: BaseOptions): Promise<void> {
  onProgress(`making ${name} with debootstrap`)
  const folder = await mkdtemp(join(tmpdir(), 'drydock-debian-'))
  try {
    // In a mount namespace of its own: what debootstrap mounts is gone with it, however it ends.
    const made = await capture('unshare', ['--mount', 'debootstrap', '--variant=minbase', 'bookworm', folder], {
      signal,
      onLine: (line) => onProgress(line.replace(/^[IW]: /, '')),
    })
    if (made.code !== 0) {
      const reason = (made.stderr.trim() || made.stdout.trim()).split('\n').at(-1)
      throw new Failure('image', `debootstrap could not make ${name}: ${reason}`)
    }
    onProgress(`importing ${name}`)
    await importFolder(engine, folder, name, signal)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const leftOut = [
  './dev/*',
  './var/cache/apt/*',
  './var/lib/apt/lists/*',
  './var/log/*',
  './usr/share/doc/*',
  './usr/share/man/*',
  './usr/share/info/*',
  './usr/share/locale/*',
]

async function importFolder(engine: Engine, folder: string, name: string, signal: AbortSignal): Promise<void> {
  const excludes = leftOut.map((pattern) => `--exclude=${pattern}`)
  const tar = spawn('tar', ['-C', folder, '--numeric-owner', ...excludes, '-c', '.'], {
    stdio: ['ignore', 'pipe', 'ignore'],
    signal,
  })
  const ended = new Promise<number | null>((resolve) => {
    tar.on('error', () => resolve(null))
    tar.on('close', resolve)
  })
  try {
    const [repo, tag] = name.split(':')
    const answer = await engine.docker.importImage(tar.stdout, { repo, tag, abortSignal: signal })
    await followProgress(answer, signal, () => {})
    if ((await ended) !== 0) throw new Failure('image', `The files of ${name} could not be read for the import.`)
  } catch (error) {
    if (signal.aborted) throw signal.reason
    throw error instanceof Failure
      ? error
      : new Failure('image', `The engine did not take ${name}: ${(error as Error).message}`, { cause: error })
  } finally {
    tar.kill()
    await ended
  }
}
