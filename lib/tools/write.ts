import { Failure } from '../core/failure.ts'
import { heed } from './abort.ts'
import { deltaText, lineDelta } from './line-delta.ts'
import { previewOf } from './preview.ts'
import { place, type Place } from './paths.ts'
import { looksBinary, sizeText } from './text-file.ts'
import type { Tool, ToolContext } from './tool.ts'

export interface WriteArguments {
  path: string
  content: string
}

/** A file that is there and larger than this, in bytes, is replaced without its lines being counted. */
const counted = 4 * 1024 * 1024

/** `write`: a whole file, new or in the place of what was there. */
export function writeTool(words: (name: string) => string): Tool<WriteArguments> {
  return {
    name: 'write',
    get description() {
      return words('write')
    },
    schema: {
      type: 'object',
      properties: {
        path: { type: 'string', description: 'The file, inside the workspace. Missing folders are made.' },
        content: { type: 'string', description: 'All of what the file is to hold.' },
      },
      required: ['path', 'content'],
      additionalProperties: false,
    },
    risk: () => 'write',
    path: ({ path }) => path,
    summary: ({ path }) => path,
    async preview({ path, content }, context) {
      const at = await place(path, context, 'write')
      const before = await present(at, context)
      if (before && (before.length > counted || looksBinary(before)))
        return {
          kind: 'diff',
          files: [{ ...previewOf(at.shown, '', content), note: `Takes the place of ${sizeText(before.length)}.` }],
        }
      return { kind: 'diff', files: [previewOf(at.shown, before ?? '', content)] }
    },
    async execute({ path, content }, context) {
      const at = await place(path, context, 'write')
      const data = Buffer.from(content)
      const before = await present(at, context)
      await heed(context.signal, context.sandbox.files.write(at.path, data))
      if (!before) {
        const { added } = await lineDelta('', content)
        return { ok: true, text: `Created ${at.shown}: ${added} lines.`, summary: `new, +${added}` }
      }
      if (before.length > counted || looksBinary(before)) {
        const text = `Replaced ${at.shown}, now ${sizeText(data.length)}.`
        return { ok: true, text, summary: `replaced, ${sizeText(data.length)}` }
      }
      const delta = deltaText(await lineDelta(before.toString('latin1'), data.toString('latin1')))
      const ends =
        before.includes('\r\n') && !content.includes('\r\n') ? ' Its line ends were CRLF and now are LF.' : ''
      return { ok: true, text: `Replaced ${at.shown}: ${delta}.${ends}`, summary: delta }
    },
  }
}

/** What the file holds now, so much of it as is counted; undefined where there is none. */
async function present({ path, shown }: Place, { sandbox, signal }: ToolContext): Promise<Buffer | undefined> {
  try {
    return await heed(signal, sandbox.files.read(path, { offset: 0, length: counted + 1 }))
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    if (error.code === 'missing') return undefined
    if (error.code === 'directory') throw new Failure('directory', `${shown} is a folder: give the path of a file.`)
    throw error
  }
}
