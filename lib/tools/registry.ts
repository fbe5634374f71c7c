import { nearest } from '../config/nearest.ts'
import type { Risk, Shows } from '../core/events.ts'
import { Failure } from '../core/failure.ts'
import { ArgumentCheck } from './arguments.ts'
import type { Tool, ToolContext, ToolResult } from './tool.ts'

/** What a model is told of a tool; the shape a provider's request wants. */
export interface ToolDescription {
  name: string
  description: string
  /** JSON Schema of the arguments: always an object. */
  schema: Record<string, unknown>
}

/** A call that has been checked and may run once it is allowed. */
export interface PreparedCall {
  ok: true
  tool: Tool<unknown>
  args: unknown
  risk: Risk
  /** The one path that it is about, as the model wrote it. */
  path?: string
  /** What the call is about, one line: a path, a command. */
  summary: string
}

/** A call that cannot run; `result` tells the model why. */
export interface RefusedCall {
  ok: false
  result: ToolResult
}

export interface Registry {
  describe(): ToolDescription[]
  /** Finds the tool and checks the arguments (JSON text as the model wrote it). Never throws for what a model wrote. */
  prepare(call: { name: string; arguments: string }): Promise<PreparedCall | RefusedCall>
  /** What a prepared call would run or change; undefined where its tool does not say, or it would fail. */
  preview(call: PreparedCall, context: ToolContext): Promise<Shows | undefined>
  /**
   * Runs a prepared call. A `Failure` becomes a result that the model can read; once the signal is aborted its reason
   * is thrown; anything else thrown is a defect and passes on.
   */
  run(call: PreparedCall, context: ToolContext): Promise<ToolResult>
}

/** How long the one line may be that says what a call is about, in characters. */
const summaryLength = 500

/** The tools by name, in the order given. Throws Failure `usage` where two have the same name. */
export function createRegistry(tools: readonly Tool<unknown>[]): Registry {
  const byName = new Map(tools.map((tool) => [tool.name, tool]))
  if (byName.size < tools.length) throw new Failure('usage', 'Two tools have the same name.')
  const checks = new ArgumentCheck()

  function unknown(name: string): RefusedCall {
    const guess = nearest(name.slice(0, 60), [...byName.keys()])
    const shown = JSON.stringify(name.length > 60 ? `${name.slice(0, 60)}…` : name)
    const hint = guess === undefined ? '' : ` Did you mean ${guess}?`
    return refuse('unknown tool', `There is no tool ${shown}.${hint} The tools are: ${[...byName.keys()].join(', ')}.`)
  }

  return {
    describe: () => tools.map(({ name, description, schema }) => ({ name, description, schema })),

    async prepare(call) {
      const tool = byName.get(call.name)
      if (!tool) return unknown(call.name)
      try {
        const args = await checks.check(tool.name, tool.schema, call.arguments)
        const path = tool.path?.(args)
        const summary = oneLine(tool.summary(args))
        return { ok: true, tool, args, risk: tool.risk(args), summary, ...(path !== undefined && { path }) }
      } catch (error) {
        if (error instanceof Failure) return refuse('bad arguments', error.message)
        throw error
      }
    },

    async preview(call, context) {
      try {
        return await call.tool.preview?.(call.args, context)
      } catch (error) {
        context.signal.throwIfAborted()
        if (error instanceof Failure) return undefined
        throw error
      }
    },

    async run(call, context) {
      context.signal.throwIfAborted()
      try {
        const result = await call.tool.execute(call.args, context)
        const { ok, plan } = result
        return { ok, text: wellFormed(result.text), summary: oneLine(result.summary), ...(plan && { plan }) }
      } catch (error) {
        context.signal.throwIfAborted()
        if (error instanceof Failure) return refuse(shortReason(error), error.message).result
        throw error
      }
    },
  }
}

function refuse(summary: string, text: string): RefusedCall {
  return { ok: false, result: { ok: false, text: wellFormed(text), summary } }
}

const reasons: Partial<Record<Failure['code'], string>> = {
  usage: 'bad arguments',
  missing: 'no such file',
  exists: 'exists already',
  directory: 'is a folder',
  permission: 'not permitted',
  disk: 'no space',
  unsafe: 'refused',
  sandbox: 'sandbox failed',
}

function shortReason(failure: Failure): string {
  return reasons[failure.code] ?? failure.code
}

/** Lone surrogates (names that are not UTF-8) are valid in no service's JSON: they become U+FFFD. */
function wellFormed(text: string): string {
  return /[\ud800-\udfff]/.test(text) ? Buffer.from(text).toString() : text
}

function oneLine(text: string): string {
  const lines = text.split(/[\r\n]/).map((each) => each.trim())
  const line = wellFormed(lines.filter((each) => each !== '').join(' ⏎ '))
  return line.length > summaryLength ? `${line.slice(0, summaryLength)}…` : line
}
