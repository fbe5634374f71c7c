import { Failure } from '../core/failure.ts'
import type { Files } from '../sandbox/sandbox.ts'
import { heed } from './abort.ts'
import { missing, type Place } from './paths.ts'
import type { ToolContext } from './tool.ts'

/** Bytes at a file's beginning that decide whether it is text. */
const looked = 8192

/** True where a file's beginning holds a NUL, as git decides it. */
export function looksBinary(data: Buffer): boolean {
  return data.subarray(0, looked).includes(0)
}

/**
 * Reads bytes of the file at a place. Failure `missing` names what comes near; `directory` says what to use instead;
 * the others are those of Files.
 */
export async function readBytes(
  at: Place,
  context: ToolContext,
  range?: Parameters<Files['read']>[1],
): Promise<Buffer> {
  try {
    return await heed(context.signal, context.sandbox.files.read(at.path, range))
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    if (error.code === 'missing') throw await missing(at, context)
    if (error.code === 'directory')
      throw new Failure('directory', `${at.shown} is a folder: use list to see what is in it.`)
    throw error
  }
}

/** A size for people: `512 bytes`, `3.4 MB`. */
export function sizeText(bytes: number): string {
  if (bytes < 1024) return `${bytes} byte${bytes === 1 ? '' : 's'}`
  const [unit, size] = bytes < 1024 * 1024 ? ['kB', bytes / 1024] : ['MB', bytes / 1024 / 1024]
  return `${size.toFixed(1)} ${unit}`
}
