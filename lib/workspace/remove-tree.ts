import { Failure } from '../core/failure.ts'
import { capture } from '../sandbox/command.ts'
import { findHostTool } from '../sandbox/host-tools.ts'

/**
 * Removes a folder that was somebody else's to fill: deeper than a path may be long, with folders that even their owner
 * may not look into. The system's own programs follow nothing in it. Failure `disk` where something stays.
 */
export async function removeTree(folder: string): Promise<void> {
  const run = async (name: string, ...args: string[]) =>
    capture(findHostTool(name) ?? name, [...args, '--', folder], { signal: new AbortController().signal })
  // What is not ours cannot be changed, and may be removed all the same.
  await run('chmod', '-R', 'u+rwX')
  const { code, stderr } = await run('rm', '-rf')
  if (code === 0) return
  const reason = stderr.trim().split('\n').at(-1) ?? ''
  throw new Failure('disk', `${folder} could not be removed: ${reason}`, { file: folder })
}
