import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

export interface Person {
  uid: number
  gid: number
  /** Their home folder, which is theirs. */
  home: string
  /** Besides PATH, HOME and TMPDIR: all of their environment. */
  env?: Record<string, string>
}

export const packageRoot = new URL('../..', import.meta.url).pathname

/** Whether somebody who is not root may read this package: root's own home is often closed. */
export function mayRead({ uid, gid }: Pick<Person, 'uid' | 'gid'>): boolean {
  return spawnSync('test', ['-r', join(packageRoot, 'package.json')], { uid, gid }).status === 0
}

/** Runs spec files as somebody else, with mocha's words besides, to their end. */
export async function runSpecsAs(
  { uid, gid, home, env }: Person,
  words: string[],
): Promise<{ code: number; passing: number; said: string }> {
  const mocha = join(packageRoot, 'node_modules', 'mocha', 'bin', 'mocha.js')
  const child = spawn(process.execPath, [mocha, ...words], {
    uid,
    gid,
    cwd: packageRoot,
    env: { PATH: process.env['PATH'], HOME: home, TMPDIR: home, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text) => void (said += text))
  const [code] = (await once(child, 'close')) as [number]
  return { code, passing: Number(/(\d+) passing/.exec(said)?.[1]), said }
}
