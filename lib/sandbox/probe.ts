import { Failure } from '../core/failure.ts'
import type { Engine } from './engine.ts'
import { demultiplexer } from './exec.ts'
import { hostConfig } from './limits.ts'
import { createContainer } from './podman.ts'
import { ownerLabels, thisProcess } from './owner.ts'

/** What the sandbox needs of an image, and what does not work where it lacks it. */
export const needs = {
  bash: 'nothing can run',
  coreutils: 'files cannot be read and written',
  findutils: 'files cannot be listed',
  git: 'there is no git',
  ripgrep: 'the search tool does not work',
  socat: 'nothing reaches the network or a service of this machine',
  certificates: 'no connection to the outside can be trusted',
} as const
export type Need = keyof typeof needs

/** Without these there is no sandbox. */
export const essential: readonly Need[] = ['bash', 'coreutils', 'findutils']

export interface Probe {
  lacks: Need[]
  /** By toolchain, as in `{ node: '22.12.0' }`. */
  versions: Record<string, string>
}

/** POSIX sh: whatever image it is, that is all that is sure. */
const script = String.raw`
has() { command -v "$1" >/dev/null 2>&1; }
has bash || echo lacks bash
{ readlink -m / && dd if=/dev/null iflag=skip_bytes,count_bytes,nonblock count=0; } >/dev/null 2>&1 || echo lacks coreutils
find / -maxdepth 0 -printf '' >/dev/null 2>&1 || echo lacks findutils
has git || echo lacks git
has rg || echo lacks ripgrep
has socat || echo lacks socat
[ -e /etc/ssl/certs/ca-certificates.crt ] || [ -e /etc/ssl/cert.pem ] || [ -e /etc/pki/tls/certs/ca-bundle.crt ] ||
  echo lacks certificates
say() { name=$1; shift; if has "$1"; then echo "version $name $("$@" 2>&1 </dev/null)"; fi; }
say node node --version
say npm npm --version
say python python3 --version
say go go version
say rust rustc --version
`

/** Milliseconds for all of it; a program that does not say its version holds nobody up. */
const patienceMs = 60_000
/** Characters of what it says that are read. */
const mostSaid = 20_000

/**
 * Looks what is in an image, in a container of its own without network, rights and mounts.
 *
 * Errors: `Failure` `image` where nothing can run in it; an abort throws the signal's reason.
 */
export async function probe(engine: Engine, image: string, signal: AbortSignal): Promise<Probe> {
  signal.throwIfAborted()
  const container = await createContainer(engine, {
    Image: image,
    Entrypoint: ['sh'],
    Cmd: ['-c', script],
    User: '65534:65534',
    WorkingDir: '/',
    Env: ['HOME=/tmp', 'LC_ALL=C'],
    Labels: ownerLabels('probe', await thisProcess()),
    AttachStdout: true,
    HostConfig: {
      ...hostConfig({ memory: 512 * 1024 * 1024, cpus: 1, pids: 64, disk: 0 }, await engine.describe()),
      // How it ended is asked for afterwards.
      AutoRemove: false,
    },
  })
  const either = AbortSignal.any([signal, AbortSignal.timeout(patienceMs)])
  const end = () => void container.kill().catch(() => {})
  either.addEventListener('abort', end, { once: true })
  let said = ''
  try {
    const stream = await container.attach({ stream: true, stdout: true })
    const hear = demultiplexer((chunk) => void (said = (said + chunk.toString()).slice(0, mostSaid)))
    stream.on('data', hear)
    const ended = new Promise((resolve) => stream.on('end', resolve).on('close', resolve).on('error', resolve))
    await container.start()
    await ended
    await container.wait()
    signal.throwIfAborted()
    if (either.aborted) throw new Error('it did not answer in time')
    return understand(said)
  } catch (error) {
    if (signal.aborted) throw signal.reason
    const reason = error instanceof Error ? error.message.trim() : String(error)
    throw new Failure('image', `Nothing can run in the image ${image}: ${reason}`, { cause: error })
  } finally {
    either.removeEventListener('abort', end)
    await container.remove({ force: true, v: true }).catch(() => {})
  }
}

function understand(said: string): Probe {
  const lines = said.split('\n')
  const lacks = lines.flatMap((line) => (line.startsWith('lacks ') ? [line.slice(6) as Need] : []))
  const versions: Record<string, string> = {}
  for (const line of lines) {
    const [, name, version] = /^version (\w+) \D*(\d+(?:\.\d+)*)/.exec(line) ?? []
    if (name !== undefined) versions[name] = version!
  }
  return { lacks, versions }
}
