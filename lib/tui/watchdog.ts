import { spawn, spawnSync } from 'node:child_process'
import type { Socket } from 'node:net'
import type { Disposable } from '../core/dispose.ts'

/**
 * Reads until the agent is gone, since its end closes the pipe, then gives the terminal back. The line settings are put
 * back only where nobody has touched them since: most shells do it themselves for a program that a signal ended, and by
 * then may read a line in a mode of their own. It hears no signal: those of the terminal reach it too.
 */
const script = `
trap '' HUP INT QUIT TERM TSTP TTIN TTOU
raw=$(stty -g <&3)
read -r _
printf %s "$1"
[ "$2" = '' ] || [ "$(stty -g <&3)" != "$raw" ] || stty "$2" <&3
`

/** The terminal's line settings, as `stty` takes them back; empty where they cannot be read. */
export function lineSettings(): string {
  const { stdout } = spawnSync('stty', ['-g'], { stdio: [0, 'pipe', 'ignore'], encoding: 'utf8' })
  return /^[\da-f:]+$/i.exec(stdout?.trim() ?? '')?.[0] ?? ''
}

/**
 * Starts a shell of a few hundred kilobytes that outlives the program, should that be killed, and then writes `restore`
 * to the terminal and gives it its `settings`. To be called in raw mode. Disposed, it is gone, and has written nothing.
 */
export function startWatchdog(restore: string, settings: string): Disposable {
  // Of the agent's own session: to another, this terminal is not the one it may write to. The pipe closes on exec, so
  // that no child of the agent's holds it open.
  const child = spawn('/bin/sh', ['-c', script, 'drydock-watchdog', restore, settings], {
    cwd: '/',
    stdio: ['pipe', 1, 'ignore', 0],
  })
  child.on('error', () => undefined) // without it the terminal is given back in every other case all the same
  const pipe = child.stdin as Socket
  pipe.on('error', () => undefined)
  pipe.unref()
  child.unref()
  return { dispose: () => void child.kill('SIGKILL') }
}
