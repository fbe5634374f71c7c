import { spawnSync } from 'node:child_process'

/** Words to put before a program's own so that it runs in a mount namespace in which `script` was run first. */
export type Wrap = string[]

/**
 * A program in a mount namespace of its own: what `script` mounts there nobody else sees, and it is gone with the
 * program. Pending where the spec is not root, or may not mount.
 */
export function namespaceOrSkip(context: Mocha.Context, script: string, ...values: string[]): Wrap {
  const wrap = (last: string) => ['unshare', '--mount', 'sh', '-c', `set -e; ${script}; ${last}`]
  const [command, ...rest] = wrap('true')
  if (process.getuid?.() !== 0 || spawnSync(command!, [...rest, 'sh', ...values]).status !== 0) return context.skip()
  return [...wrap(`shift ${values.length}; exec "$@"`), 'sh', ...values]
}
