import type { Bus } from '../core/bus.ts'
import type { Disposable } from '../core/dispose.ts'
import type { FileDoor } from '../tui/file-door.ts'
import type { Reads } from './reads.ts'
import { telling } from './workspace-files.ts'

/** The workspace's files of a session in another process. */
export function remoteFiles(reads: Reads, bus: Bus): FileDoor {
  return {
    list: async (folder) => {
      const { entries, ignored } = await reads.listFolder(folder)
      const names = new Set(ignored)
      return { entries, ignores: ({ name }) => names.has(name) }
    },
    stat: (path) => reads.statFile(path),
    read: (path, offset, length) => reads.readFile(path, offset, length),
    write: (path, data) => reads.writeFile(path, data),
    create: (path) => reads.createFile(path),
    move: (from, to) => reads.moveFile(from, to),
    remove: (path) => reads.removeFile(path),
    onChange: (listener): Disposable => {
      const heard = telling.map((fact) => bus.on(fact, () => listener()))
      return { dispose: () => heard.forEach((one) => void one.dispose()) }
    },
  }
}
