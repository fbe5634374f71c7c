import { Failure } from '../core/failure.ts'
import { heed } from './abort.ts'
import { missing, place } from './paths.ts'
import type { Tool } from './tool.ts'

export interface DeleteArguments {
  path: string
  recursive?: boolean
}

/** `delete`: a file, a link, or a folder with all that is in it. */
export function deleteTool(words: (name: string) => string): Tool<DeleteArguments> {
  return {
    name: 'delete',
    get description() {
      return words('delete')
    },
    schema: {
      type: 'object',
      properties: {
        path: { type: 'string', description: 'The file or folder, inside the workspace.' },
        recursive: { type: 'boolean', description: 'Needed for a folder: deletes all that is in it.' },
      },
      required: ['path'],
      additionalProperties: false,
    },
    risk: () => 'write',
    path: ({ path }) => path,
    summary: ({ path, recursive }) => (recursive ? `${path} and all in it` : path),
    async execute({ path, recursive = false }, context) {
      const { sandbox, workspace, signal } = context
      const at = await place(path, context, 'write')
      if (at.path === workspace.root)
        throw new Failure('unsafe', 'The workspace itself cannot be deleted: name what is in it.')
      try {
        const { type } = await heed(signal, sandbox.files.stat(at.path))
        if (type === 'directory' && !recursive) {
          throw new Failure('directory', `${at.shown} is a folder: set recursive to delete it and all that is in it.`)
        }
        await heed(signal, sandbox.files.remove(at.path, { recursive: type === 'directory' }))
        const what = type === 'directory' ? 'folder' : type === 'symlink' ? 'link' : 'file'
        return { ok: true, text: `Deleted the ${what} ${at.shown}.`, summary: `${what} deleted` }
      } catch (error) {
        if (error instanceof Failure && error.code === 'missing') throw await missing(at, context)
        throw error
      }
    },
  }
}
