import type { Tool } from './tool.ts'
import { OutputFiles } from './output.ts'
import { deleteTool } from './delete.ts'
import { editTool } from './edit.ts'
import type { ToolLimits } from './limits.ts'
import { listTool } from './list.ts'
import { planTool } from './plan.ts'
import { readTool } from './read.ts'
import { searchTool } from './search.ts'
import { shellTool } from './shell.ts'
import { createWords } from './words.ts'
import { writeTool } from './write.ts'

/** The tools that come with the program, in the order the model sees them. `folder` holds their words, NAME.md. */
export function createTools(limits: ToolLimits, folder: string): Tool<unknown>[] {
  const words = createWords(folder)
  return [
    readTool(limits, words),
    listTool(limits, words),
    searchTool(limits, words),
    editTool(words),
    writeTool(words),
    deleteTool(words),
    shellTool(limits, words, new OutputFiles()),
    planTool(words),
  ]
}
