import { Failure } from '../core/failure.ts'
import { heed } from './abort.ts'
import { deltaText, lineDelta } from './line-delta.ts'
import { previewOf } from './preview.ts'
import { place, type Place } from './paths.ts'
import { lineAt, replace, type Replacement } from './replace.ts'
import { similarTo } from './similar.ts'
import { looksBinary, readBytes, sizeText } from './text-file.ts'
import type { Tool, ToolContext } from './tool.ts'

export interface EditArguments extends Partial<Replacement> {
  path: string
  edits?: Replacement[]
}

/** The largest file that is edited, in bytes. */
const largest = 16 * 1024 * 1024

const oldSchema = { type: 'string', description: 'The text to replace, exactly as it is in the file.' }
const newSchema = { type: 'string', description: 'What takes its place.' }
const allSchema = { type: 'boolean', description: 'Replace every occurrence, not just the only one.' }

/** `edit`: replaces exact pieces of a text file; all of the edits of one call, or none. */
export function editTool(words: (name: string) => string): Tool<EditArguments> {
  return {
    name: 'edit',
    get description() {
      return words('edit')
    },
    schema: {
      type: 'object',
      properties: {
        path: { type: 'string', description: 'The file, inside the workspace.' },
        old: oldSchema,
        new: newSchema,
        all: allSchema,
        edits: {
          type: 'array',
          minItems: 1,
          description: 'Several edits of this file instead of old and new, made one after the other.',
          items: {
            type: 'object',
            properties: { old: oldSchema, new: newSchema, all: allSchema },
            required: ['old', 'new'],
            additionalProperties: false,
          },
        },
      },
      required: ['path'],
      additionalProperties: false,
    },
    risk: () => 'write',
    path: ({ path }) => path,
    summary: ({ path, edits }) => (edits && edits.length > 1 ? `${path} (${edits.length} edits)` : path),
    async preview(args, context) {
      const { at, bytes, after, problem } = await edited(args, context)
      if (problem) throw new Failure('usage', problem.text)
      const [before, now] = [bytes, after].map((text) => Buffer.from(text, 'latin1'))
      return { kind: 'diff', files: [previewOf(at.shown, before!, now!)] }
    },
    async execute(args, context) {
      const { at, bytes, after, problem } = await edited(args, context)
      if (problem) return { ok: false, ...problem }
      await heed(context.signal, context.sandbox.files.write(at.path, Buffer.from(after, 'latin1')))
      const delta = deltaText(await lineDelta(bytes, after))
      return { ok: true, text: `Edited ${at.shown}: ${delta}.`, summary: delta }
    },
  }
}

/** What the edits make of the file, its bytes as characters; nothing is written. */
async function edited(args: EditArguments, context: ToolContext) {
  const edits = editsOf(args)
  const at = await place(args.path, context, 'write')
  const before = await readBytes(at, context, { offset: 0, length: largest + 1 })
  if (before.length > largest) {
    throw new Failure('limit', `${at.shown} is larger than ${sizeText(largest)}: edit it with shell.`)
  }
  if (looksBinary(before)) throw new Failure('usage', `${at.shown} is binary: edit cannot change it.`)
  const bytes = before.toString('latin1')
  const { text: after, problem } = applyAll(at, bytes, edits)
  return { at, bytes, after, problem }
}

function editsOf({ old, new: replacement, all, edits }: EditArguments): Replacement[] {
  if (edits && old === undefined && replacement === undefined) return edits
  if (!edits && old !== undefined && replacement !== undefined) return [{ old, new: replacement, all }]
  throw new Failure('usage', 'Give either old and new, or edits: a list of { old, new }.')
}

/** Why none of the edits is made, for the model and for the screen. */
interface Problem {
  text: string
  summary: string
}

function applyAll(at: Place, before: string, edits: Replacement[]): { text: string; problem?: Problem } {
  let text = before
  for (const [index, edit] of edits.entries()) {
    const { places, text: changed } = edit.old === '' ? { places: [], text } : replace(text, edit)
    const problem = problemOf(at, text, edit, places)
    if (problem && edits.length === 1) return { text, problem }
    if (problem) {
      const which = `Edit ${index + 1} of ${edits.length}: ${problem.text}\nNone of the edits was made.`
      return { text, problem: { text: which, summary: problem.summary } }
    }
    text = changed
  }
  return { text }
}

function problemOf(at: Place, text: string, edit: Replacement, places: number[]): Problem | undefined {
  const { old, new: replacement, all } = edit
  if (old === '') {
    return { text: 'old is empty: to make a file or replace all of it, use write.', summary: 'nothing to find' }
  }
  if (old === replacement) return { text: 'old and new are the same: nothing would change.', summary: 'no change' }
  if (places.length === 0) return { text: notFound(at, text, edit), summary: 'not found' }
  if (places.length === 1 || all) return undefined
  const lines = places.slice(0, 10).map((position) => lineAt(text, position))
  const more = places.length > 10 ? ', …' : ''
  return {
    text:
      `old is in ${at.shown} ${places.length} times, at lines ${lines.join(', ')}${more}: ` +
      'give more of the text around the one you mean, or set all.',
    summary: `${places.length} places`,
  }
}

/** Why a text was not found, with what comes near it. */
function notFound({ shown }: Place, bytes: string, edit: Replacement): string {
  const start = `old is not in ${shown}.`
  const already = edit.new === '' ? [] : replace(bytes, { old: edit.new, new: '' }).places
  if (already.length > 0) return `${start} The new text already is, at line ${lineAt(bytes, already[0]!)}.`
  return `${start} ${similarTo(Buffer.from(bytes, 'latin1').toString(), edit.old)}`
}
