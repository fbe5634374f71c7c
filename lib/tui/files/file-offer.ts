import { fuzzy } from '../format/fuzzy.ts'
import type { Paths } from '../source.ts'
import type { Choice, Offer } from '../widgets/picker.ts'

/** Files that are offered at once. */
const most = 500

/** Every file of the workspace to pick from, those first that were looked at a moment ago. */
export function fileOffer(
  paths: Paths,
  recent: readonly string[],
  wishes: { open(path: string): void; mention(path: string): void },
): Offer {
  paths.refresh()
  const seen = new Set(recent)
  const choice = (path: string): Choice => ({
    label: path,
    current: seen.has(path),
    run: () => wishes.open(path),
    add: () => wishes.mention(path),
  })
  return {
    title: 'Files',
    hint: 'some letters of a path; tab puts it into the prompt',
    choices: (typed) => {
      if (typed !== '') return fuzzy(typed, paths.known, (path) => path, most).map(({ item }) => choice(item))
      const others = paths.known.slice(0, most).filter((path) => !seen.has(path))
      return [...recent, ...others].map(choice)
    },
  }
}
