import * as fs from 'node:fs/promises'
import { Failure } from '../core/failure.ts'
import { pathBelow } from '../core/paths.ts'
import type { Sandbox } from '../sandbox/sandbox.ts'
import type { Changes } from './changes.ts'
import { hashIn } from './leaf.ts'
import { standIn } from './masks.ts'
import type { Objects } from './objects.ts'
import type { Records } from './records.ts'
import type { Trees } from './walk.ts'

interface Parts {
  trees: Trees
  finder: Changes
  objects: Objects
  records: Records
  sandbox: Sandbox
  /** Absolute path of the workspace inside. */
  root: string
}

/** Brings a masked file in through the sandbox's door, unless something else was written in its place. */
export async function show(path: string, parts: Parts): Promise<void> {
  const { trees, finder } = parts
  const file = pathBelow(trees.project, path)
  await fs.access(file, fs.constants.R_OK) // nothing is shown that cannot be
  const now = await finder.workspace(path)
  await trees.masks.remove(path)
  if (now === standIn) await bringIn(path, (await fs.lstat(file)).mode & 0o777, parts)
}

/** Masks a file of which the workspace has the project's version, be it one that has only just come to be there. */
export async function hide(path: string, parts: Parts): Promise<void> {
  const { trees, finder } = parts
  const now = await finder.workspace(path)
  if (now !== 'none' && now !== (await finder.project(path))) return
  await trees.masks.add(path)
  if (!trees.masks.has(path)) return
  await bringIn(path, 0o444, parts).catch(async (error: unknown) => {
    // Where nobody inside may write, the layer itself is seen once an overlay has forgotten what was there.
    if (!(error instanceof Failure && error.code === 'permission') || !parts.sandbox.refresh) throw error
    await parts.sandbox.refresh()
  })
}

/** Puts into the workspace what the project has at a path, as the sandbox may see it now. */
async function bringIn(path: string, mode: number, parts: Parts): Promise<void> {
  const { finder, objects, records, sandbox, root } = parts
  const identity = await finder.project(path)
  const hash = hashIn(identity)
  if (hash === undefined) return
  // What stands for a secret may not be written over.
  await sandbox.files.remove(`${root}/${path}`).catch((error: unknown) => {
    if (!(error instanceof Failure && error.code === 'missing')) throw error
  })
  await sandbox.files.write(`${root}/${path}`, await objects.get(hash), { mode })
  records.bases.set(path, identity)
  await records.bases.save()
}
