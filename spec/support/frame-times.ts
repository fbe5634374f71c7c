import { openAppScreen, type AppScreen } from './app-screen.ts'
import { start, type Fact } from './facts.ts'
import { takenIn } from './headless.ts'

/** Milliseconds that frames took, each from what caused it to what was written to the terminal. */
export interface FrameTimes {
  /** Nothing changed, all panes painted. */
  still: number[]
  /** A character was typed. */
  key: number[]
  /** The wheel was turned by a notch. */
  scroll: number[]
  /** A word of an answer came. */
  streaming: number[]
}

/** Draws frames of a conversation that begins with `facts`, `rounds` of each kind. */
export async function frameTimes(facts: Fact[], rounds: number): Promise<FrameTimes> {
  const screen = openAppScreen({ cols: 140, rows: 42, facts })
  const turn = facts.length
  try {
    await screen.rows()
    const still = await frames(screen, rounds, () => screen.screen.request())
    const key = await frames(screen, rounds, () => screen.type('x'))
    const scroll = await frames(screen, rounds, () => screen.wheel('up', 10, 10))
    screen.press('ctrl+end')
    screen.tell(['turn.started', { turn, kind: 'prompt', prompt: 'One more.', at: start }])
    const streaming = await frames(screen, rounds, (i) =>
      screen.tell(['text.delta', { turn, kind: 'text', text: i % 12 === 11 ? `word${i}.\n\n` : `word${i} ` }]),
    )
    return { still, key, scroll, streaming }
  } finally {
    await screen.close()
  }
}

/** Draws frames of a screen, each after what `cause` does. Gives the milliseconds that each took. */
export async function frames(screen: AppScreen, rounds: number, cause: (round: number) => void): Promise<number[]> {
  const times: number[] = []
  for (let round = 0; round < rounds; round += 1) {
    const began = performance.now()
    cause(round)
    screen.screen.draw()
    times.push(performance.now() - began)
    await takenIn(screen.terminal)
  }
  return times
}
