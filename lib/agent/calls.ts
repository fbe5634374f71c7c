import { posix } from 'node:path'
import type { Mode, Shows } from '../core/events.ts'
import { describe, Failure } from '../core/failure.ts'
import type { ToolCallPart, ToolResultPart } from '../core/messages.ts'
import type { Sandbox } from '../sandbox/sandbox.ts'
import { heed } from '../tools/abort.ts'
import type { PreparedCall, Registry } from '../tools/registry.ts'
import type { ToolResult } from '../tools/tool.ts'
import type { Workspace } from '../workspace/workspace.ts'
import type { Approvals, Permission } from './approval.ts'
import type { Changes } from './changes.ts'
import type { Seen } from './seen.ts'
import type { Publish } from './publish.ts'
import type { ShownSecrets } from './secrets.ts'

/** What calls work on. */
export interface Bench {
  sandbox: Sandbox
  workspace: Workspace
}

export interface CallParts {
  publish: Publish
  registry: Registry
  approvals: Approvals
  /** The bench, as soon as it stands; Failure where it cannot. */
  bench: (signal: AbortSignal) => Promise<Bench>
  changes: Changes
  seen: Seen
  shown: ShownSecrets
  mode: () => Mode
  /** There is no sandbox. */
  local?: boolean
  now: () => number
}

/** The tool calls of one turn. */
export class Calls {
  private readonly parts: CallParts
  private readonly turn: number
  private readonly signal: AbortSignal
  private readonly running = new Set<Promise<unknown>>()
  private worked: Workspace | undefined

  constructor(parts: CallParts, turn: number, signal: AbortSignal) {
    this.parts = parts
    this.turn = turn
    this.signal = signal
  }

  /** The workspace, once a call has run that may have changed it. */
  get touched(): Workspace | undefined {
    return this.worked
  }

  /** Calls that an abort left behind have ended, however they did. */
  async atRest(): Promise<void> {
    await Promise.allSettled(this.running)
  }

  /** Checks a call of the model's, asks where the policy wants it asked, and runs it. Whatever is wrong is a result. */
  async execute(call: ToolCallPart): Promise<ToolResultPart> {
    const prepared = await this.parts.registry.prepare(call)
    if (!prepared.ok) return this.refuse(call, prepared.result)
    if (this.parts.mode() === 'plan' && prepared.risk !== 'read') return this.refuse(call, planning, prepared.summary)
    const permission = await this.permit(call, prepared)
    if (permission.allowed) return this.run(call, prepared)
    return this.refuse(call, notAllowed(permission.reason), prepared.summary)
  }

  /** Runs a call of the person's own, who needs no leave. */
  async executeOwn(call: ToolCallPart): Promise<ToolResultPart> {
    const prepared = await this.parts.registry.prepare(call)
    return prepared.ok ? this.run(call, prepared) : this.refuse(call, prepared.result)
  }

  /** A call that is not run, for a reason that the model is told. */
  refuse(call: ToolCallPart, result: ToolResult, summary = ''): ToolResultPart {
    this.started(call, summary)
    return this.ended(call, result, 0)
  }

  private async permit({ id, name, arguments: args }: ToolCallPart, prepared: PreparedCall): Promise<Permission> {
    const { approvals } = this.parts
    const { risk, summary } = prepared
    const shows = approvals.decide(risk, name) === 'ask' ? await this.preview(prepared) : undefined
    const deed = this.parts.local && risk === 'run' ? 'run without a sandbox' : deeds[risk]
    const title = `Let ${name} ${deed}?`
    const call = { id, name, summary, arguments: args }
    const about = shows === undefined ? { body: [summary] } : { body: [], shows }
    return approvals.permit({ kind: risk, subject: name, title, ...about, call }, this.signal)
  }

  /** What a call would run or change, for the person who is asked. A masked file is not looked into for it. */
  private async preview(prepared: PreparedCall): Promise<Shows | undefined> {
    const { bench, registry } = this.parts
    if (prepared.tool.preview === undefined) return undefined
    const { signal } = this
    const { sandbox, workspace } = await heed(signal, bench(signal))
    const { path } = prepared
    if (path !== undefined && workspace.masked(fileOf(path, workspace))) return undefined
    return heed(signal, registry.preview(prepared, { sandbox, workspace, signal, onOutput: () => {} }))
  }

  private async run(call: ToolCallPart, prepared: PreparedCall): Promise<ToolResultPart> {
    const { changes, mode } = this.parts
    const part = await this.runToItsEnd(call, prepared)
    if (prepared.risk === 'read') return part
    if (mode() === 'live') await heed(this.signal, changes.apply(this.worked!, 'all', 'live'))
    // What the call has changed is known from now on with what it was based on, should the person save the same file.
    else this.worked?.changes().catch(() => undefined) // the turn's end looks again, and says why not
    return part
  }

  private async runToItsEnd(call: ToolCallPart, prepared: PreparedCall): Promise<ToolResultPart> {
    const { signal } = this
    const start = this.parts.now()
    this.started(call, prepared.summary)
    try {
      return this.ended(call, await this.result(call, prepared), this.parts.now() - start)
    } catch (error) {
      const { code, message } = describe(signal.aborted ? signal.reason : error)
      const result = { ok: false, text: message, summary: code === 'cancelled' ? code : 'failed' }
      this.ended(call, result, this.parts.now() - start)
      throw error
    }
  }

  private async result({ id, name }: ToolCallPart, prepared: PreparedCall): Promise<ToolResult> {
    const { bench, changes, registry } = this.parts
    const { signal } = this
    const { sandbox, workspace } = await heed(signal, bench(signal))
    const { path } = prepared
    const file = path === undefined ? '' : fileOf(path, workspace)
    const shown = await this.shown(name, prepared, file, workspace)
    if (!shown.allowed) return notAllowed(shown.reason)
    const answer = this.parts.seen.answer(name, file, workspace)
    if (answer) return answer
    const arrivals = workspace.arrivals(file)
    if (prepared.risk !== 'read') {
      this.worked = workspace
      await heed(signal, changes.workIn(sandbox, workspace))
    }
    const running = registry.run(prepared, { sandbox, workspace, signal, onOutput: this.output(id) })
    this.running.add(running)
    const result = await heed(signal, running)
    this.running.delete(running)
    if (result.ok && path !== undefined) this.parts.seen.note(name, file, arrivals)
    return result
  }

  /** A call about a masked file wants a yes to that file first, and then finds it as the project has it. */
  private async shown(
    name: string,
    { summary }: PreparedCall,
    file: string,
    workspace: Workspace,
  ): Promise<Permission> {
    if (!workspace.masked(file)) return { allowed: true }
    const permission = await this.parts.shown.permit(file, `${name} ${summary}`, this.signal)
    if (!permission.allowed) return permission
    this.worked = workspace
    await heed(this.signal, workspace.show(file))
    return permission
  }

  private output(id: string): (text: string) => void {
    return (text) => {
      if (!this.signal.aborted) this.parts.publish('tool.output', { turn: this.turn, id, text })
    }
  }

  private started({ id, name, arguments: args }: ToolCallPart, summary: string): void {
    const { publish, now } = this.parts
    publish('tool.started', { turn: this.turn, id, name, summary, arguments: args, at: now() })
  }

  private ended({ id, name }: ToolCallPart, { ok, text, summary, plan }: ToolResult, ms: number): ToolResultPart {
    this.parts.publish('tool.ended', { turn: this.turn, id, ok, summary, text, ms })
    if (plan) this.parts.publish('plan.changed', { turn: this.turn, steps: plan })
    return { type: 'result', id, name, ok, text }
  }
}

/** A path as a model wrote it, from the workspace's root. */
function fileOf(path: string, { root }: Workspace): string {
  return posix.relative(root, posix.resolve(root, path))
}

const deeds: Record<PreparedCall['risk'], string> = {
  read: 'read',
  write: 'write in the workspace',
  run: 'run in the sandbox',
  network: 'use the network',
  project: 'write to the project',
  discard: 'discard unapplied work',
  secrets: 'use a secret',
}

function notAllowed(reason: string): ToolResult {
  const text = `This call was not run: ${reason} Go on without it, or ask what to do instead.`
  return { ok: false, text, summary: 'not allowed' }
}

/** The answer to a call that would do more than read, in plan mode. */
const planning: ToolResult = {
  ok: false,
  text: 'This call was not run: plan mode. Nothing is written or run until the person leaves it; read and search, then say what you would do.',
  summary: 'plan mode',
}

/** The answer to a call that its service cut off half-way. */
export const cutShort: ToolResult = {
  ok: false,
  text: 'This call was not run: your answer reached its output limit before the call was complete. Make it again with less in it, a large file in several parts.',
  summary: 'cut short',
}

/** Why a call got no result of its own, for the model. */
export function reasonOf(error: unknown, signal: AbortSignal): string {
  const cause: unknown = signal.aborted ? signal.reason : error
  if (cause instanceof Failure) return `the turn ended before this call did. ${cause.message}`
  if (signal.aborted) return 'the person cancelled the turn before this call ended. It may have had effects.'
  return 'the turn failed before this call ended.'
}
