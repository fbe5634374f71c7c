import { spawn } from 'node:child_process'

export interface Captured {
  code: number | null
  stdout: string
  stderr: string
}

/** Characters kept of each stream: what is run here says little, and a flood must not fill the memory. */
const keep = 1_000_000

/**
 * Runs a program of the host to its end, with the person's environment; a program that is not there gives code 127.
 * An abort kills it with everything it started and throws the signal's reason.
 */
export async function capture(
  command: string,
  args: string[],
  options: { cwd?: string; signal: AbortSignal; onLine?: (line: string) => void },
): Promise<Captured> {
  options.signal.throwIfAborted()
  // A group of its own, so that the programs it starts can be ended with it.
  const child = spawn(command, args, { cwd: options.cwd, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  const kill = () => {
    try {
      process.kill(-child.pid!, 'SIGKILL')
    } catch {
      // it has ended by itself
    }
  }
  options.signal.addEventListener('abort', kill, { once: true })
  let stdout = ''
  let stderr = ''
  let line = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout = (stdout + text).slice(-keep)
    const lines = (line + text).split('\n')
    line = lines.pop()!
    for (const whole of lines) options.onLine?.(whole)
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => void (stderr = (stderr + text).slice(-keep)))
  try {
    const code = await new Promise<number | null>((resolve) => {
      child.on('error', (error) => {
        stderr += error.message
        resolve(127)
      })
      child.on('close', resolve)
    })
    options.signal.throwIfAborted()
    return { code, stdout, stderr }
  } finally {
    options.signal.removeEventListener('abort', kill)
  }
}

/** Whether there is a command of that name on the PATH, which says its version. */
export async function isCommand(name: string): Promise<boolean> {
  const asked = capture(name, ['--version'], { signal: AbortSignal.timeout(10_000) })
  return asked.then(
    ({ code }) => code === 0,
    () => false,
  )
}
