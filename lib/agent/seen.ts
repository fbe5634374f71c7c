import type { ToolResult } from '../tools/tool.ts'
import type { Workspace } from '../workspace/workspace.ts'

/** Tools that need not know what a file holds to destroy it: `edit` finds what it replaces, or says that it does not. */
const blind = new Set(['write', 'delete'])
/** Tools after which the model knows what a file holds. */
const telling = new Set(['read', 'write', 'edit'])

/**
 * Which versions of files the model knows. What the person has changed since the model last read it or wrote it is not
 * written over unread.
 */
export class Seen {
  private readonly known = new Map<string, number>()

  /** What a call is answered instead of being run; undefined where it may run. */
  answer(tool: string, file: string, workspace: Workspace): ToolResult | undefined {
    const known = this.known.get(file)
    if (!blind.has(tool) || known === undefined || known === workspace.arrivals(file)) return undefined
    const text = `${file} was not touched: the person has changed it since you last read it. Read it again, then decide.`
    return { ok: false, text, summary: 'changed meanwhile' }
  }

  /** A tool has done its work on a file; `arrivals` were there when it began. */
  note(tool: string, file: string, arrivals: number): void {
    if (telling.has(tool)) this.known.set(file, arrivals)
  }
}
