import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Environment } from '../config/environment.ts'
import { Failure } from '../core/failure.ts'
import type { Source } from '../tui/source.ts'

/** What is taken where the environment names none. */
const usual = { editor: 'vi', pager: 'less' }

const variables = { editor: 'EDITOR', pager: 'PAGER' }

/**
 * Programs of the person's own beside the screen: tmux for the clipboard, their editor and their pager. `lend` gives the
 * terminal away until what it is handed has ended (Screen.lend); `signal` ends a program that still runs.
 */
export function outside(options: {
  environment: Environment
  lend: <T>(use: () => Promise<T>) => Promise<T>
  signal: AbortSignal
}): Pick<Source, 'copy' | 'open'> {
  const { environment, lend, signal } = options
  return {
    // `-w` (tmux 3.2) gives it to the clipboard of the terminal outside too.
    copy: async (text) =>
      environment.tmux &&
      ((await feed('tmux', ['load-buffer', '-w', '-'], text)) || (await feed('tmux', ['load-buffer', '-'], text))),
    open: async (text, program, name) => {
      const folder = await mkdtemp(join(tmpdir(), 'drydock-'))
      try {
        const file = join(folder, name)
        await writeFile(file, text, { mode: 0o600 })
        const command = environment[program] ?? usual[program]
        const status = await lend(() => show(command, file, signal))
        if (status !== 0) {
          throw new Failure('terminal', `${command} ended with status ${status}; ${variables[program]} names another.`)
        }
        return await readFile(file, 'utf8')
      } finally {
        await rm(folder, { recursive: true, force: true })
      }
    },
  }
}

/** Runs a command as git runs an editor: words for the shell, with the file after them. Gives its exit status. */
function show(command: string, file: string, signal: AbortSignal): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn('sh', ['-c', `${command} "$@"`, command, file], { stdio: 'inherit', signal })
    child.on('error', reject)
    child.on('close', (code) => resolve(code ?? 1))
  })
}

/** Gives a program its input; true where it ended well. */
function feed(program: string, argv: string[], input: string): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(program, argv, { stdio: ['pipe', 'ignore', 'ignore'], timeout: 5_000 })
    child.on('error', () => resolve(false))
    child.on('close', (code) => resolve(code === 0))
    // It may end before it has read all.
    child.stdin.on('error', () => {})
    child.stdin.end(input)
  })
}
