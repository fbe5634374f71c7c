import type { Disposable } from '../core/dispose.ts'

/** One thing in a folder. */
export interface FileEntry {
  name: string
  type: FileType
}

export type FileType = 'file' | 'directory' | 'symlink' | 'other'

export interface FileStat {
  type: FileType
  /** Bytes. */
  size: number
  /** Milliseconds since 1970. */
  mtimeMs: number
  /** Where a symbolic link points, as written. */
  target?: string
}

/** What a folder holds, in no order that is promised. */
export interface Listing {
  entries: readonly FileEntry[]
  /** Whether an ignore file of the folder, or of one above it, names a thing in it. Asked for what is shown only. */
  ignores(entry: FileEntry): boolean
}

/**
 * The files of the workspace, for the person to look at and to change: the agent's view of the project, and while there
 * is none yet the project itself, to be read only. Paths are relative to the workspace, with `/`, coded as in
 * lib/core/paths.ts; the empty one is the workspace. What fails is a `Failure` with a sentence for the person.
 */
export interface FileDoor {
  list(folder: string): Promise<Listing>
  /** Of the thing itself, not of what a link points to. */
  stat(path: string): Promise<FileStat>
  /** At most `length` bytes from `offset` on, less only at the file's end. A link is followed as far as the agent could. */
  read(path: string, offset: number, length: number): Promise<Buffer>
  /** Writes a whole file. */
  write(path: string, data: Uint8Array): Promise<void>
  /** Makes an empty file, or, where the path ends in `/`, a folder; folders on the way too. Failure `exists`. */
  create(path: string): Promise<void>
  /** Gives a thing another place; folders on the way are made. Failure `exists` where something is there. */
  move(from: string, to: string): Promise<void>
  /** Removes a file, or a folder with all in it. */
  remove(path: string): Promise<void>
  /** Hears that something in the workspace may not be what it was. */
  onChange(listener: () => void): Disposable
}
