import { spawn } from 'node:child_process'
import * as fs from 'node:fs/promises'
import { relative } from 'node:path'
import { Failure } from '../core/failure.ts'
import { pathBelow, pathFromBytes } from '../core/paths.ts'
import { findHostTool, hostPath } from '../sandbox/host-tools.ts'
import { foreignFolders, type Secrets } from './secrets.ts'

/**
 * The secrets that lie in a project, sorted: files, what links of such a name lead to in the project, and the configuration
 * of a repository to which `.git` is a link. A program of
 * the system walks the tree, beside everything else that a session begins with; dependency folders are left out.
 *
 * Errors: `Failure` `sandbox` where the project cannot be walked: then it is not known what to hide.
 */
export async function findSecrets(secrets: Secrets): Promise<string[]> {
  const { project } = secrets
  const found = new Set<string>()
  for (const path of await namedIn(secrets)) {
    const stat = await fs.lstat(pathBelow(project, path)).catch(() => undefined)
    if (stat?.isFile()) found.add(path)
    const target = stat?.isSymbolicLink() ? await targetIn(project, path) : undefined
    if (target !== undefined) found.add(target)
  }
  const config = await linkedConfig(project)
  if (config !== undefined) found.add(config)
  return [...found].toSorted()
}

/** Addresses in it may have passwords. Where `.git` is no link nothing of it is shown at all. */
async function linkedConfig(project: string): Promise<string | undefined> {
  const stat = await fs.lstat(pathBelow(project, '.git')).catch(() => undefined)
  return stat?.isSymbolicLink() ? targetIn(project, '.git/config') : undefined
}

function namedIn(secrets: Secrets): Promise<string[]> {
  const prune = foreignFolders.flatMap((name, index) => [...(index === 0 ? [] : ['-o']), '-name', name])
  const args = ['.', '-type', 'd', '(', ...prune, ')', '-prune', '-o', '(', '-type', 'f', '-o', '-type', 'l', ')']
  const find = spawn(findHostTool('find') ?? 'find', [...args, '-print0'], {
    cwd: secrets.project,
    env: { PATH: hostPath, LC_ALL: 'C' },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const found: string[] = []
  let rest: Buffer = Buffer.alloc(0)
  find.stdout.on('data', (chunk: Buffer) => {
    const bytes = Buffer.concat([rest, chunk])
    const end = bytes.lastIndexOf(0)
    rest = bytes.subarray(end + 1)
    // One string for all of a chunk; only a name that is no UTF-8 needs more care.
    const whole = bytes.subarray(0, Math.max(end, 0))
    const names = whole.toString()
    if (names.includes('\ufffd')) for (const name of splitBytes(whole)) take(pathFromBytes(name))
    else for (const name of names.split('\0')) take(name)
  })
  const take = (name: string) => {
    const path = name.slice('./'.length)
    if (path !== '' && secrets.isNamed(path)) found.push(path)
  }
  return new Promise((resolve, reject) => {
    const failed = (cause?: Error) =>
      reject(
        new Failure('sandbox', 'Which files are secret could not be found out: find does not work here.', { cause }),
      )
    find.on('error', failed)
    // 1: some folder may not be looked into. Nobody inside may, either.
    find.on('close', (code) => (code === 0 || code === 1 ? resolve(found) : failed()))
  })
}

function splitBytes(bytes: Buffer): Buffer[] {
  const parts: Buffer[] = []
  for (let from = 0; from <= bytes.length;) {
    const end = bytes.indexOf(0, from)
    parts.push(bytes.subarray(from, end < 0 ? bytes.length : end))
    from = end < 0 ? bytes.length + 1 : end + 1
  }
  return parts
}

/** The file in the project that a link leads to, if it does. */
async function targetIn(project: string, path: string): Promise<string | undefined> {
  try {
    const target = await fs.realpath(pathBelow(project, path), { encoding: 'buffer' })
    if (!(await fs.lstat(target)).isFile()) return undefined
    const inside = relative(await fs.realpath(project), pathFromBytes(target))
    return inside.startsWith('../') ? undefined : inside
  } catch {
    return undefined
  }
}
