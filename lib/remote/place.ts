import { chmodSync, closeSync, lstatSync, mkdirSync, openSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { Failure } from '../core/failure.ts'

/** Bytes that the kernel's `sockaddr_un` has for a path, with the zero at its end: 108 on Linux, 104 on macOS and BSD. */
const pathBytes = process.platform === 'linux' ? 107 : 103

const suffix = '.sock'

export function socketPath(folder: string, session: string): string {
  return join(folder, `${session}${suffix}`)
}

/**
 * Makes a folder for sockets that nobody but its owner can look into. Node cannot ask who is at a socket's other end
 * (SO_PEERCRED): this folder is what keeps others out, so it has to be right. Failure `unsafe` or `disk`.
 */
export function privateFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    if (isPrivate(folder)) return
    chmodSync(folder, 0o700)
  } catch (cause) {
    throw new Failure('disk', `${folder} cannot be made: ${(cause as Error).message}.`, { cause })
  }
  if (!isPrivate(folder))
    throw new Failure('unsafe', `${folder} is not a folder of yours alone: remove it, then try again.`)
}

/** The sockets of sessions in a folder, by the session's name; none where others could have put them there. */
export function socketsIn(folder: string): string[] {
  try {
    if (!isPrivate(folder)) return []
    return readdirSync(folder).flatMap((name) => (name.endsWith(suffix) ? [name.slice(0, -suffix.length)] : []))
  } catch {
    return []
  }
}

/** Calls with a path to the socket that the kernel has room for, however deep its folder lies. */
export async function withPath<T>(folder: string, session: string, use: (path: string) => Promise<T>): Promise<T> {
  const path = socketPath(folder, session)
  if (Buffer.byteLength(path) <= pathBytes) return use(path)
  if (process.platform !== 'linux')
    throw new Failure('terminal', `${path} is longer than a socket's path may be (${pathBytes} bytes).`)
  const fd = openSync(folder, 'r')
  try {
    return await use(socketPath(`/proc/self/fd/${fd}`, session))
  } finally {
    closeSync(fd)
  }
}

function isPrivate(folder: string): boolean {
  const stat = lstatSync(folder)
  return stat.isDirectory() && stat.uid === process.getuid?.() && (stat.mode & 0o077) === 0
}
