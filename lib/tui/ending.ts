import type { Disposable } from '../core/dispose.ts'
import { describe } from '../core/failure.ts'

/** The part of `process` by which a program ends. */
export type EndingProcess = Pick<NodeJS.Process, 'on' | 'off' | 'exit' | 'kill' | 'pid' | 'stderr'>

export interface EndingHandlers {
  /**
   * Hears of a signal that ends the program, once the terminal is restored; then the program must see to its end
   * itself. Absent: the signal is let through.
   */
  onSignal?: (signal: NodeJS.Signals) => void
  /** Hears of a defect that ends the program, once the terminal is restored and before the sentence is printed. */
  onCrash?: (error: unknown) => void
}

const signals = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT'] as const

/**
 * Sees to it that `restore` is called before the program ends in whatever way: an exception or rejection nobody
 * caught (then one sentence on stderr, exit status 1), a signal, `process.exit`. `restore` may be called twice. While
 * `isLent`, another program has the terminal, and the signals of its keys are that program's.
 */
export function onEnding(
  process: EndingProcess,
  restore: () => void,
  handlers: EndingHandlers,
  isLent: () => boolean = () => false,
): Disposable {
  const crash = (error: unknown) => {
    restore()
    handlers.onCrash?.(error)
    process.stderr.write(`Drydock stopped: ${describe(error).message}\n`)
    process.exit(1)
  }
  const hear = (signal: NodeJS.Signals) => {
    if (isLent() && (signal === 'SIGINT' || signal === 'SIGQUIT')) return
    restore()
    if (handlers.onSignal) return handlers.onSignal(signal)
    forget()
    process.kill(process.pid, signal)
  }
  const forget = () => {
    process.off('uncaughtException', crash)
    process.off('exit', restore)
    for (const signal of signals) process.off(signal, hear)
  }
  process.on('uncaughtException', crash)
  process.on('exit', restore)
  for (const signal of signals) process.on(signal, hear)
  return { dispose: forget }
}
