import { posix } from 'node:path'
import { Failure } from '../core/failure.ts'
import type { Exit } from '../sandbox/sandbox.ts'
import { heed } from './abort.ts'
import { ByteLines } from './byte-lines.ts'
import { grepCommand, grepHits } from './grep.ts'
import { type Hit, Hits } from './hits.ts'
import { IgnoreRules } from './ignore-rules.ts'
import type { ToolLimits } from './limits.ts'
import { missing, place, type Place, scratchOf } from './paths.ts'
import { notInstalled, patternFault, type Query, ripgrepCommand, ripgrepHits } from './ripgrep.ts'
import type { Tool, ToolContext, ToolResult } from './tool.ts'

export interface SearchArguments {
  pattern: string
  path?: string
  glob?: string
  fixed?: boolean
  ignore_case?: boolean
  context?: number
  limit?: number
}

const defaultHits = 100
const mostHits = 1000
const mostContext = 20
/** Bytes of one line of the program's output; a longer one is a file that nobody reads. */
const longestOutputLine = 4 * 1024 * 1024
/** Bytes of what the program complains of that are kept. */
const complaintKept = 4096

/** `search`: lines that match a pattern, by ripgrep inside the sandbox. */
export function searchTool(limits: ToolLimits, words: (name: string) => string): Tool<SearchArguments> {
  return {
    name: 'search',
    get description() {
      return words('search')
    },
    schema: {
      type: 'object',
      properties: {
        pattern: { type: 'string', minLength: 1, description: 'A regular expression, or plain text with fixed.' },
        path: { type: 'string', description: 'File or folder to search; the workspace if not given.' },
        glob: { type: 'string', minLength: 1, description: 'Only files that match, as *.ts or src/**/*.{js,ts}.' },
        fixed: { type: 'boolean', description: 'The pattern is plain text.' },
        ignore_case: { type: 'boolean', description: 'Upper and lower case are the same.' },
        context: { type: 'integer', minimum: 0, maximum: mostContext, description: 'Lines to show around each hit.' },
        limit: {
          type: 'integer',
          minimum: 1,
          maximum: mostHits,
          description: `Most hits; ${defaultHits} if not given.`,
        },
      },
      required: ['pattern'],
      additionalProperties: false,
    },
    risk: () => 'read',
    path: ({ path }) => path,
    summary: ({ pattern, path, glob }) => [pattern, path ? `in ${path}` : '', glob ?? ''].filter(Boolean).join('  '),
    execute: (args, context) => search(args, limits, context),
  }
}

async function search(args: SearchArguments, limits: ToolLimits, context: ToolContext): Promise<ToolResult> {
  const { pattern, path = '.', glob, fixed = false, ignore_case: ignoreCase = false } = args
  if (`${pattern}${glob ?? ''}`.includes('\0'))
    throw new Failure('usage', 'The pattern or the glob holds a NUL character.')
  const at = await place(path, context, 'read')
  const inside = !posix.isAbsolute(at.shown)
  const query: Query = {
    pattern,
    fixed,
    ignoreCase,
    glob,
    context: args.context ?? 0,
    path: at.shown === '.' || !inside ? at.shown : `./${at.shown}`,
  }
  const hits = new Hits({
    most: args.limit ?? defaultHits,
    bytes: limits.outputBytes,
    context: query.context > 0,
    masked: (file) => {
      const { workspace } = context
      return workspace.masked(posix.relative(workspace.root, posix.resolve(workspace.root, file)))
    },
  })
  const ignored = await writeIgnored(limits.ignore, context)
  const found = await runUntilFull(ripgrepCommand(query, ignored), ripgrepHits, hits, limits, context)
  if (found.exit.code !== notInstalled) return conclude(at, query, hits, found, [], context)
  const rules = inside ? new IgnoreRules(context.workspace.root, limits.ignore) : undefined
  const plain = await grep(query, hits, rules, limits, context)
  const note = 'this image has no ripgrep, so grep was used: no context, and POSIX regular expressions'
  return conclude(at, query, hits, plain, [note], context)
}

interface Found {
  exit: Exit
  /** What the program complained of. */
  complaint: string
}

/** ripgrep wants the person's patterns in a file. */
async function writeIgnored(
  patterns: readonly string[],
  { sandbox, signal }: ToolContext,
): Promise<string | undefined> {
  if (patterns.length === 0) return undefined
  const ignoreFile = `${scratchOf(sandbox)}/ignore`
  await heed(signal, sandbox.files.write(ignoreFile, Buffer.from(`${patterns.join('\n')}\n`)))
  return ignoreFile
}

/** Runs a program, hears its lines as hits, and ends it as soon as there are enough. */
async function runUntilFull(
  argv: string[],
  parse: (line: Buffer) => Hit[],
  hits: Pick<Hits, 'add' | 'full'>,
  limits: ToolLimits,
  { sandbox, workspace, signal }: ToolContext,
): Promise<Found> {
  const enough = new AbortController()
  let complaint = ''
  const lines = new ByteLines(longestOutputLine, (line) => {
    if (hits.full) return
    for (const hit of parse(line)) hits.add(hit)
    if (hits.full) enough.abort()
  })
  const exit = await sandbox.run(argv, {
    signal: AbortSignal.any([signal, enough.signal]),
    cwd: workspace.root,
    timeoutMs: limits.commandSeconds * 1000,
    onOutput: (chunk, stream) => {
      if (stream === 'stdout') lines.push(chunk)
      else if (complaint.length < complaintKept) complaint += chunk.toString()
    },
  })
  signal.throwIfAborted()
  return { exit, complaint }
}

/** grep knows no .gitignore: what it finds is held against the rules here. */
async function grep(
  query: Query,
  hits: Hits,
  rules: IgnoreRules | undefined,
  limits: ToolLimits,
  context: ToolContext,
) {
  const { sandbox, workspace, signal } = context
  const raw: Hit[] = []
  const mostRaw = 10_000
  const holder = {
    get full() {
      return raw.length >= mostRaw
    },
    add: (hit: Hit) => void raw.push(hit),
  }
  const found = await runUntilFull(grepCommand(query), grepHits, holder, limits, context)
  const verdicts = new Map<string, boolean>()
  for (const hit of raw) {
    if (rules && !verdicts.has(hit.path)) {
      const path = posix.join(workspace.root, hit.path)
      const above = await rules.enterDown(posix.dirname(path), sandbox.files, signal)
      verdicts.set(hit.path, above || rules.ignored(path, false))
    }
    if (!verdicts.get(hit.path)) hits.add(hit)
  }
  return found
}

async function conclude(
  at: Place,
  query: Query,
  hits: Hits,
  { exit, complaint }: Found,
  notes: string[],
  context: ToolContext,
): Promise<ToolResult> {
  const fault = patternFault(complaint)
  if (fault !== undefined) {
    const text = `The pattern is not a valid regular expression: ${fault}. Escape what is meant to the letter, or set fixed.`
    return { ok: false, text, summary: 'bad pattern' }
  }
  if (hits.count === 0) {
    await mustExist(at, context)
    if (exit.reason === 'lost') throw new Failure('sandbox', 'The sandbox went away during the search.')
    if (exit.code !== 0 && complaint !== '') {
      const text = `Nothing was found, but the search was not complete: ${complaint.trim().split('\n')[0]}`
      return { ok: false, text, summary: 'incomplete' }
    }
  }
  const late = exit.reason === 'timeout' ? ['the search took too long and was ended: there may be more'] : []
  const nothing = `Nothing in ${at.shown === '.' ? 'the workspace' : at.shown} matches ${JSON.stringify(query.pattern)}.`
  return hits.result(nothing, [...notes, ...late])
}

async function mustExist(at: Place, context: ToolContext): Promise<void> {
  try {
    await heed(context.signal, context.sandbox.files.stat(at.path))
  } catch (error) {
    if (error instanceof Failure && error.code === 'missing') throw await missing(at, context)
    throw error
  }
}
