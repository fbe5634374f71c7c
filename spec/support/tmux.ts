import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import type { Place } from './agent.ts'

/** A tmux server of a spec's own: it shares nothing with the person's, and does not read their configuration. */
export interface Tmux {
  /** What begins a session that runs a program; its client is the terminal's. */
  begin(...program: string[]): string[]
  /** What shows that session on a terminal once more. */
  again(): string[]
  /** Runs a command of tmux. Gives what it prints. */
  run(...command: string[]): string
  kill(): void
}

/** Quick, and without a line of its own: what is on the terminal is the program's. */
const lines = `set -g default-terminal tmux-256color
set -g status off
set -g focus-events on
set -g set-clipboard on
set -s escape-time 0
`

/** Calls the context's `skip` where there is no tmux. */
export function tmuxOrSkip(context: Mocha.Context): void {
  if (spawnSync('tmux', ['-V']).status !== 0) context.skip()
}

/** The server starts with what `begin` gives, and is to be killed. */
export function tmuxIn(place: Place): Tmux {
  const own = ['-S', join(place.home, 'tmux.sock'), '-f', place.write('tmux.conf', lines)]
  return {
    begin: (...program) => ['tmux', ...own, 'new-session', ...program],
    again: () => ['tmux', ...own, 'attach-session'],
    run: (...command) => spawnSync('tmux', [...own, ...command], { encoding: 'utf8' }).stdout,
    kill: () => void spawnSync('tmux', [...own, 'kill-server']),
  }
}
