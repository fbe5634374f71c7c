import * as fs from 'node:fs/promises'
import { Failure } from '../core/failure.ts'
import type { Identity } from './leaf.ts'
import { isErrno } from './nofollow.ts'

/** What a path held: when the agent first touched it, and when the workspace and the project last agreed on it. */
interface Base {
  first: Identity
  /** Absent once the workspace no longer holds a version of its own. */
  base?: Identity
}

/** The base of every path that the agent is known to have touched, kept in one JSON file. */
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

  set(path: string, base: Identity): void {
    const known = this.bases.get(path)
    if (known?.base === base) return
    this.bases.set(path, { first: known?.first ?? base, base })
    this.dirty = true
  }

  /** The workspace shows the project's own version again, whatever that becomes. */
  release(path: string): void {
    const known = this.bases.get(path)
    if (known?.base === undefined) return
    this.bases.set(path, { first: known.first })
    this.dirty = true
  }

  /** What each path held before the agent first touched it. */
  firsts(): Map<string, Identity> {
    return new Map([...this.bases].map(([path, { first }]) => [path, first]))
  }

  /** What each path is based on whose version in the workspace is its own. */
  all(): Map<string, Identity> {
    return new Map([...this.bases].flatMap(([path, { base }]) => (base === undefined ? [] : [[path, base]])))
  }

  identities(): Identity[] {
    return [...this.bases.values()].flatMap(({ first, base }) => (base === undefined ? [first] : [first, base]))
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
