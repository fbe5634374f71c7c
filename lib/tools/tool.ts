import type { PlanStep, Risk, Shows } from '../core/events.ts'
import type { Sandbox } from '../sandbox/sandbox.ts'
import type { Workspace } from '../workspace/workspace.ts'

/** All that a tool may work with. A path outside it does not exist for a tool. */
export interface ToolContext {
  sandbox: Sandbox
  workspace: Workspace
  signal: AbortSignal
  /** Live output, for the screen; the model gets `ToolResult.text`. */
  onOutput: (text: string) => void
}

/** What the model reads, and what the screen says in one line. */
export interface ToolResult {
  /** False for everything the model should know went wrong: a missing file, exit status 1, bad arguments. */
  ok: boolean
  /** For the model. */
  text: string
  /** For the card on the screen, a few words: `4 hits in 3 files`, `+6 −2`, `exit 1`. */
  summary: string
  /** What the model intends from now on, where it has said so. */
  plan?: readonly PlanStep[]
}

export interface Tool<A> {
  readonly name: string
  /** For the model: the text of NAME.md beside the tool. */
  readonly description: string
  /** JSON Schema of the arguments. */
  readonly schema: Record<string, unknown>
  risk(args: A): Risk
  /** The one path that it is about, as the model wrote it; a masked file is shown first, if the person says yes. */
  path?(args: A): string | undefined
  /** What the call is about, one line without the tool's name: a path, a command. */
  summary(args: A): string
  /**
   * What exactly it would run or change, where that is a command or files, for the person who is asked. Changes nothing.
   * Failure where it would fail too.
   */
  preview?(args: A, context: ToolContext): Shows | Promise<Shows>
  /** Never throws but for an abort or a defect: what fails is a result. */
  execute(args: A, context: ToolContext): Promise<ToolResult>
}
