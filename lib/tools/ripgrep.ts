import { pathFromBytes } from '../core/paths.ts'
import type { Hit } from './hits.ts'

/** What is looked for, and where. */
export interface Query {
  pattern: string
  fixed: boolean
  ignoreCase: boolean
  glob?: string
  context: number
  /** Relative to the workspace beginning with `./`, or absolute. */
  path: string
}

/** The exit status of both programs here where the image does not have them. */
export const notInstalled = 127

/** The command line of ripgrep for a query; `ignoreFile` holds patterns as in .gitignore. */
export function ripgrepCommand(query: Query, ignoreFile: string | undefined): string[] {
  const multiline = !query.fixed && /\\n|\n/.test(query.pattern)
  return [
    'sh',
    '-c',
    `command -v rg >/dev/null 2>&1 || exit ${notInstalled}; exec rg "$@"`,
    'rg',
    '--json',
    '--no-config',
    '--sort=path',
    '--hidden',
    '--no-require-git',
    ...(query.fixed ? ['--fixed-strings'] : ['--engine=auto']),
    ...(multiline ? ['--multiline'] : []),
    ...(query.ignoreCase ? ['--ignore-case'] : []),
    ...(query.context > 0 ? [`--context=${query.context}`] : []),
    ...(query.glob === undefined ? [] : [`--glob=${query.glob}`]),
    '--glob=!.git',
    ...(ignoreFile === undefined ? [] : [`--ignore-file=${ignoreFile}`]),
    `--regexp=${query.pattern}`,
    '--',
    query.path,
  ]
}

interface Text {
  text?: string
  bytes?: string
}

interface Message {
  type: 'match' | 'context'
  data: { path: Text; lines: Text; line_number: number; submatches?: unknown }
}

/** The hits in one line of ripgrep's `--json`: one for each line of text that it holds; none in what is not such a line. */
export function ripgrepHits(json: Buffer): Hit[] {
  const message = messageOf(json)
  if (!message) return []
  const { type, data } = message
  const path = pathFromBytes(bytesOf(data.path)).replace(/^\.\//, '')
  const bytes = bytesOf(data.lines)
  const start = bytes.subarray(0, startOf(data.submatches)).toString().length
  const lines = bytes
    .toString()
    .replace(/\r?\n$/, '')
    .split('\n')
  return lines.map((text, index) => ({
    path,
    line: data.line_number + index,
    text: text.replace(/\r$/, ''),
    match: type === 'match',
    start: index === 0 ? start : 0,
  }))
}

/** What is wrong with the pattern, as ripgrep says it; undefined where it found no fault. */
export function patternFault(stderr: string): string | undefined {
  if (!/regex (parse error|could not be compiled)/.test(stderr)) return undefined
  return /^(?:error|PCRE2): (.*)$/m.exec(stderr)?.[1] ?? 'it cannot be read'
}

/** The program runs inside the sandbox, where the model may have put another in its place: nothing is taken for granted. */
function messageOf(json: Buffer): Message | undefined {
  try {
    const message = JSON.parse(json.toString()) as Message
    const { type, data } = message
    const whole = isText(data.path) && isText(data.lines) && Number.isInteger(data.line_number)
    return whole && (type === 'match' || type === 'context') ? message : undefined
  } catch {
    return undefined
  }
}

function startOf(submatches: unknown): number {
  const start: unknown = Array.isArray(submatches) ? submatches[0]?.start : undefined
  return typeof start === 'number' ? start : 0
}

function isText(text: Text): boolean {
  return typeof text.text === 'string' || typeof text.bytes === 'string'
}

function bytesOf({ text, bytes }: Text): Buffer {
  return typeof bytes !== 'string' ? Buffer.from(text!) : Buffer.from(bytes, 'base64')
}
