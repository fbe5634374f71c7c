import type { ToolEntry } from '../state.ts'
import { columns } from '../width.ts'
import { objectOf } from './arguments.ts'
import { subjectColumn } from './card.ts'

/** Calls that are about one file, which is there afterwards. */
const ofFiles: readonly string[] = ['read', 'write', 'edit']

/** The file that a call is about: its path in the workspace, and the line that was read from, counted from 1. */
export function fileOf({ name, args }: ToolEntry): { path: string; line?: number } | undefined {
  const { path, offset } = (ofFiles.includes(name) ? objectOf(args) : undefined) ?? {}
  if (typeof path !== 'string' || path === '') return undefined
  const inside = path.replace(/^\/workspace\//, '')
  return typeof offset === 'number' && offset > 0 ? { path: inside, line: Math.floor(offset) } : { path: inside }
}

/** Whether a column of a call's line, counted from 0, is on the name of its file. */
export function isOnFile(tool: ToolEntry, column: number): boolean {
  const from = subjectColumn(tool)
  return fileOf(tool) !== undefined && column >= from && column < from + columns(tool.subject)
}
