import type { FileDiff } from '../core/changes.ts'
import type { Remote } from '../remote/client.ts'
import type { FileDoor, FileEntry, FileStat } from '../tui/file-door.ts'
import type { Prompts } from '../tui/source.ts'
import type { Session } from './session.ts'

/**
 * What a screen asks of the session itself, wherever it runs. Takes and gives data and bytes, and nothing else: a screen in
 * another process asks the same, over a socket (`remoteReads`), without a word more about it anywhere.
 */
export interface Reads {
  /** As of `Source`. */
  diff(path: string, context?: number): Promise<FileDiff>
  /** The paths of the workspace's files; of the project's while there is no sandbox. */
  paths(): Promise<string[]>
  /** Keeps a prompt that was sent, without the secrets that the session knows of. */
  keepPrompt(text: string): void | Promise<void>
  /** As of `FileDoor`, with what is ignored by name. */
  listFolder(folder: string): Promise<{ entries: readonly FileEntry[]; ignored: string[] }>
  statFile(path: string): Promise<FileStat>
  readFile(path: string, offset: number, length: number): Promise<Buffer>
  writeFile(path: string, data: Uint8Array): Promise<void>
  createFile(path: string): Promise<void>
  moveFile(from: string, to: string): Promise<void>
  removeFile(path: string): Promise<void>
}

/** The reads of a session in this process; `session` gives it once it stands. */
export function ownReads(options: {
  project: string
  session: () => Session | undefined
  prompts: Prompts
  files: FileDoor
  signal: AbortSignal
}): Reads & Record<string, (...args: never[]) => unknown> {
  const { project, session, prompts, files, signal } = options
  return {
    diff: async (path, context) => (await session()!.bench.open(signal)).workspace.diff(path, context),
    paths: async () => {
      const { workspacePaths } = await import('../workspace/paths.ts')
      const opened = session()?.bench.opened
      const inside = opened && (await workspacePaths(opened.sandbox, opened.workspace.root, signal))
      if (inside !== undefined) return inside
      const { projectPaths } = await import('../workspace/project-paths.ts')
      return projectPaths(project, signal)
    },
    keepPrompt: (text) => prompts.keep(text),
    listFolder: async (folder) => {
      const { entries, ignores } = await files.list(folder)
      return { entries, ignored: entries.filter(ignores).map(({ name }) => name) }
    },
    statFile: (path) => files.stat(path),
    readFile: (path, offset, length) => files.read(path, offset, length),
    writeFile: (path, data) => files.write(path, data),
    createFile: (path) => files.create(path),
    moveFile: (from, to) => files.move(from, to),
    removeFile: (path) => files.remove(path),
  }
}

/** The reads of a session in another process: each is asked there by its name. */
export function remoteReads(remote: Remote): Reads {
  return new Proxy({} as Reads, {
    get:
      (_, name) =>
      (...args: unknown[]) =>
        remote.ask(String(name), ...args),
  })
}
