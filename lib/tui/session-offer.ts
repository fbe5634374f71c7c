import { age } from './format/age.ts'
import type { Source } from './source.ts'
import { isWorking, type State } from './state.ts'
import type { Offer } from './widgets/picker.ts'
import { columns, cut } from './width.ts'

/** Columns of a first prompt in the list. */
const promptColumns = 44

/** Offers the other sessions of the project, and goes on with the one that is chosen. Never throws. */
export async function offerSessions(
  source: Source,
  state: () => State,
  now: number,
  { open, say }: { open(offer: Offer): void; say(message: string): void },
): Promise<void> {
  try {
    const rows = await source.sessions()
    if (rows.length === 0) return say('no other session of this project was asked anything yet')
    const go = (session: string) => {
      if (session === state().session?.id) return
      if (isWorking(state())) say('a turn is at work: cancel it, or wait for its end')
      else source.leaveFor(session)
    }
    open({
      title: 'Sessions',
      hint: 'go on with which?',
      choices: rows.map(({ session, prompt, usedAt, state: standing }) => ({
        label: column(prompt.split('\n')[0]!),
        detail: session === state().session?.id ? 'this one' : standing,
        key: age(usedAt, now),
        current: session === state().session?.id,
        run: () => go(session),
      })),
    })
  } catch (error) {
    say(error instanceof Error ? error.message : String(error))
  }
}

function column(text: string): string {
  const fitting = cut(text, promptColumns)
  return fitting + ' '.repeat(Math.max(0, promptColumns - columns(fitting)))
}
