import { spawn } from 'node:child_process'
import type { Socket } from 'node:net'
import type { Disposable } from '../core/dispose.ts'

/**
 * Reads until the agent is gone, since its end closes the pipe, then gives the terminal back. The line settings are touched
 * only where nobody has done so since: most shells restore them for a program that a signal ended, and by then may read a
 * line in a mode of their own. What they were before raw mode cannot be asked any more, and to ask before it would delay
 * the start; so what raw mode takes (uv_tty_set_mode) is set again: BRKINT where IMAXBEL is set, for whoever sets up a
 * terminal sets both or neither. It hears no signal: those of the terminal reach it too.
 */
const script = `
trap '' HUP INT QUIT TERM TSTP TTIN TTOU
raw=$(stty -g <&3)
read -r _
printf %s "$1"
[ "$(stty -g <&3)" = "$raw" ] || exit
case $(stty -a <&3) in *-imaxbel*) brkint=-brkint ;; *) brkint=brkint ;; esac
stty icanon echo isig iexten icrnl ixon $brkint <&3
`

/**
 * Starts a shell of a few hundred kilobytes that outlives the program, should that be killed, and then writes `restore`
 * to the terminal and ends raw mode. To be called in raw mode. Disposed, it is gone, and has written nothing.
 */
export function startWatchdog(restore: string): Disposable {
  // Of the agent's own session: to another, this terminal is not the one it may write to. The pipe closes on exec, so
  // that no child of the agent's holds it open.
  const child = spawn('/bin/sh', ['-c', script, 'drydock-watchdog', restore], {
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
