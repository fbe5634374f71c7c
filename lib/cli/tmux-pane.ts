import { spawn } from 'node:child_process'
import { join } from 'node:path'
import type { Environment } from '../config/environment.ts'
import { Failure } from '../core/failure.ts'
import type { SoloName } from '../tui/arrangement.ts'
import type { Parts } from './parts.ts'

/** What decides where the program's files are. The tmux server has an environment of its own, of when it was started. */
const places: readonly [variable: string, of: keyof Environment][] = [
  ['HOME', 'home'],
  ['XDG_CONFIG_HOME', 'xdgConfigHome'],
  ['XDG_DATA_HOME', 'xdgDataHome'],
  ['XDG_STATE_HOME', 'xdgStateHome'],
  ['XDG_CACHE_HOME', 'xdgCacheHome'],
  ['XDG_RUNTIME_DIR', 'xdgRuntimeDir'],
  ['COLORTERM', 'colorterm'],
]

/**
 * Opens a view of a session in a tmux pane beside this one, the viewer with `file`; the keys stay with this one. Failure `terminal` outside of
 * tmux, and where tmux has no room.
 */
export async function openTmuxPane(
  { environment, root }: Parts,
  session: string,
  view: SoloName,
  file?: string,
): Promise<void> {
  const { tmux, tmuxPane } = environment
  if (!tmux)
    throw new Failure('terminal', `only inside tmux; in another terminal, \`agent attach --view ${view}\` does it`)
  const given = places.flatMap(([variable, of]) => {
    const value = environment[of]
    return typeof value === 'string' ? ['-e', `${variable}=${value}`] : []
  })
  const target = tmuxPane === undefined ? [] : ['-t', tmuxPane]
  // Words, and no line: with several tmux starts the program itself, without a shell.
  const program = [process.execPath, join(root, 'bin', 'agent'), 'attach', session, '--view', view]
  // In one word: a name may begin with a dash.
  if (file !== undefined) program.push(`--file=${file}`)
  await run(['split-window', '-h', '-d', ...target, ...given, ...program])
}

function run(argv: string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn('tmux', argv, { stdio: ['ignore', 'ignore', 'pipe'], timeout: 5_000 })
    let said = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text))
    child.on('error', (cause) => reject(new Failure('terminal', `tmux does not answer: ${cause.message}`, { cause })))
    child.on('close', (code) => {
      if (code === 0) resolve()
      else reject(new Failure('terminal', `tmux made no pane: ${said.trim().split('\n')[0] || `status ${code}`}`))
    })
  })
}
