import type { AppScreen } from './app-screen.ts'

/** Loads what colours code and compares words, which a screen loads once it is needed: it is there for whichever frame. */
export async function loadColours(): Promise<void> {
  await import('highlight.js/lib/core')
  await import('highlight.js/lib/languages/javascript')
  await import('highlight.js/lib/languages/markdown')
  await import('diff')
}

/** Draws until nothing comes in any more: diffs, colours, marks. Gives what is shown then. */
export async function settled(screen: AppScreen): Promise<string[]> {
  let before = ''
  for (let same = 0; same < 8;) {
    const now = JSON.stringify(await screen.cells())
    same = now === before ? same + 1 : 0
    before = now
    await new Promise((resolve) => setImmediate(resolve))
  }
  return screen.rows()
}
