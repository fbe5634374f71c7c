import type { Bus } from '../core/bus.ts'
import { Disposables, type Disposable } from '../core/dispose.ts'
import type { Facts } from '../core/events.ts'
import { harmless } from './harmless.ts'
import type { Screen } from './screen.ts'
import { cut } from './width.ts'

/** How a terminal is asked to call the person: iTerm2's sequence (OSC 9), urxvt's (OSC 777), or the bell. */
export type Call = 'osc9' | 'osc777' | 'bell' | 'none'

/** Columns of a notification. */
const longest = 120

/** What is understood by the terminal of this name (TERM): most that show notifications know iTerm2's sequence. */
export function chooseCall(configured: Call | 'auto', term: string): Call {
  if (configured !== 'auto') return configured
  return /^(foot|rxvt)/.test(term) ? 'osc777' : 'osc9'
}

export interface NotifierOptions {
  screen: Screen
  bus: Bus
  call: Call
  /**
   * Inside tmux: whether it hands on what is wrapped for the terminal outside. Where it does not, the bell is rung, which
   * tmux shows beside the window's name. Absent outside of tmux.
   */
  passes?: () => Promise<boolean>
}

/**
 * Calls the person when a turn ends or a question comes while they look elsewhere: while the terminal has said that it
 * lost the focus. One that says nothing of focus is taken to be looked at.
 */
export function openNotifier({ screen, bus, call, passes }: NotifierOptions): Disposable {
  const owned = new Disposables()
  let away = false
  const notify = async (text: string) => {
    if (!away || call === 'none') return
    const sequence = sequenceOf(call, cut(harmless(text), longest))
    if (passes === undefined || call === 'bell') return screen.notify(sequence)
    const passed = await passes().catch(() => false)
    screen.notify(passed ? `\x1bPtmux;${sequence.replaceAll('\x1b', '\x1b\x1b')}\x1b\\` : '\x07')
  }
  owned.add(screen.onFocus(({ focused }) => (away = !focused)))
  owned.add(bus.on('turn.ended', ({ end, failure }) => void notify(endings[end](failure))))
  owned.add(bus.on('approval.asked', ({ title }) => void notify(`asks: ${title}`)))
  return owned
}

const endings: Record<Facts['turn.ended']['end'], (failure: Facts['turn.ended']['failure']) => string> = {
  done: () => 'the turn is done',
  cancelled: () => 'the turn was cancelled',
  limit: (failure) => `the turn came to a limit: ${failure?.message ?? 'of its steps'}`,
  interrupted: () => 'the turn was interrupted',
  failed: (failure) => `the turn failed: ${failure?.message ?? 'nobody knows why'}`,
}

function sequenceOf(call: Exclude<Call, 'none'>, text: string): string {
  if (call === 'bell') return '\x07'
  // A semicolon parts the fields of OSC 777; a number in front would be another order of OSC 9.
  return call === 'osc9' ? `\x1b]9;drydock: ${text}\x07` : `\x1b]777;notify;drydock;${text.replaceAll(';', ',')}\x07`
}
