import { capture } from '../sandbox/command.ts'
import { findHostTool } from '../sandbox/host-tools.ts'
import { Failure } from '../core/failure.ts'

/**
 * Bytes that a folder takes on the disk, whatever its files pretend to be; what may not be looked into is not counted.
 * The system's own program follows nothing in it.
 */
export async function diskUse(folder: string): Promise<number> {
  const signal = new AbortController().signal
  const { stdout } = await capture(findHostTool('du') ?? 'du', ['-skx', '--', folder], { signal })
  return Number.parseInt(stdout, 10) * 1024 || 0
}

/** What is said where a workspace takes more than `most` bytes. */
export function tooLarge(used: number, most: number): Failure {
  return new Failure(
    'disk',
    `The workspace takes ${gigabytes(used)} on the disk, more than its ${gigabytes(most)} (limits.workspace_disk). Nothing was lost: remove what was built or downloaded in it, apply or discard changes, or raise the limit.`,
  )
}

function gigabytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(2)} GB`
}
