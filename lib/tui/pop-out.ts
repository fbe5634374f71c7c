import { soloNames, type SideView, type SoloName } from './arrangement.ts'
import type { Source } from './source.ts'
import type { State } from './state.ts'
import type { Focus } from './words.ts'

/**
 * Has what the focus is in opened in a terminal pane of its own; from the prompt, what the right side shows, or else the
 * conversation; the viewer with its file. `say` hears what came of it. Never throws.
 */
export async function popOut(
  source: Source,
  { session }: State,
  at: { focus: Focus; side: SideView | undefined; file: string | undefined },
  say: (message: string) => void,
): Promise<void> {
  if (session === undefined) return say('the session is not open yet')
  const own = soloNames.find((name) => name === at.focus)
  const view: SoloName = own ?? (at.focus === 'composer' ? at.side : undefined) ?? 'conversation'
  try {
    await source.popOut(session.id, view, view === 'viewer' ? at.file : undefined)
    say(`${view} is in a pane of its own: q closes it`)
  } catch (error) {
    say(error instanceof Error ? error.message : String(error))
  }
}
