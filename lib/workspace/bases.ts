import * as fs from 'node:fs/promises'
import { Failure } from '../core/failure.ts'
import type { Identity } from './leaf.ts'
import { isErrno } from './nofollow.ts'

/** What a path held: when the agent first touched it, and when the workspace and the project last agreed on it. */
interface Base {
  /** Absent where the agent never touched it: it came in from the project while a session ran. */
  first?: Identity
  /** Absent once the workspace no longer holds a version of its own. */
  base?: Identity
}

/** The base of every path whose version in the workspace is not just the project's own shining through, in one JSON file. */
export class Bases {
  private readonly file: string
  private readonly bases: Map<string, Base>
  private dirty = false

  private constructor(file: string, bases: Map<string, Base>) {
    this.file = file
    this.bases = bases
  }

  static async load(file: string): Promise<Bases> {
    const text = await fs.readFile(file, 'utf8').catch((error: unknown) => {
      if (isErrno(error, 'ENOENT')) return '{}'
      throw error
    })
    return new Bases(file, new Map(Object.entries(parseRecord<Base>(text, file))))
  }

  get(path: string): Identity | undefined {
    return this.bases.get(path)?.base
  }

  /** From now on the workspace's version is based on this one of the project's. */
  set(path: string, base: Identity): void {
    const known = this.bases.get(path)
    if (known?.base === base) return
    this.bases.set(path, { ...known, base })
    this.dirty = true
  }

  /** The agent has a version of its own: what it began from is kept for good. Said after `set`. */
  touch(path: string): void {
    const known = this.bases.get(path)
    if (known?.base === undefined || known.first !== undefined) return
    this.bases.set(path, { first: known.base, base: known.base })
    this.dirty = true
  }

  /** The workspace shows the project's own version again, whatever that becomes. */
  release(path: string): void {
    const known = this.bases.get(path)
    if (known?.base === undefined) return
    if (known.first === undefined) this.bases.delete(path)
    else this.bases.set(path, { first: known.first })
    this.dirty = true
  }

  /** What each path that the agent touched held before. */
  firsts(): Map<string, Identity> {
    return new Map([...this.bases].flatMap(([path, { first }]) => (first === undefined ? [] : [[path, first]])))
  }

  /** What each path is based on whose version in the workspace is its own. */
  all(): Map<string, Identity> {
    return new Map([...this.bases].flatMap(([path, { base }]) => (base === undefined ? [] : [[path, base]])))
  }

  identities(): Identity[] {
    return [...this.bases.values()].flatMap(({ first, base }) => [first, base].filter((one) => one !== undefined))
  }

  async save(): Promise<void> {
    if (!this.dirty) return
    await writeWhole(this.file, JSON.stringify(Object.fromEntries(this.bases)))
    this.dirty = false
  }
}

/** Writes one of our own files so that after a crash it is the old one or the new one, whole. */
export async function writeWhole(file: string, text: string): Promise<void> {
  const draft = `${file}.new`
  const handle = await fs.open(draft, 'w', 0o600)
  try {
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await fs.rename(draft, file)
}

/** Failure `disk` where one of our own files does not hold a JSON object. */
export function parseRecord<T>(text: string, file: string): Record<string, T> {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, T>
  } catch {
    // Said below, with the file's name.
  }
  throw new Failure('disk', `${file} is damaged. Move its folder away to start with a fresh workspace.`, { file })
}
