import { expect } from 'chai'
import { placeholders } from '../../lib/tui/placeholders.ts'
import { createViews, type ViewParts } from '../../lib/tui/views.ts'
import { openAppScreen, type AppScreen } from '../support/app-screen.ts'
import { finished } from '../support/facts.ts'

describe('views that are loaded after the first frame', () => {
  let open: AppScreen | undefined

  afterEach(async () => {
    await open?.close()
    open = undefined
  })

  it('have their places and titles from the beginning, and what they show as soon as they are there', async () => {
    const titles = /Viewer.*Diff.*Terminal.*Plan.*Monitor/i
    let load!: () => void
    const loaded = new Promise<void>((resolve) => (load = resolve))
    const later = async (parts: ViewParts) => {
      await loaded
      return createViews(parts)
    }
    open = openAppScreen({ cols: 200, rows: 60, facts: finished, createViews: later })
    const before = await open.rows()
    expect(before.join('\n')).to.match(titles)
    expect(before.join('\n')).to.not.contain('package.json')
    load()
    await loaded
    let after = await open.rows()
    for (let turn = 0; turn < 1_000 && !after.join('\n').includes('package.json'); turn += 1) {
      await new Promise((resolve) => setImmediate(resolve))
      after = await open.rows()
    }
    expect(after.join('\n')).to.contain('package.json')
    expect(after.join('\n')).to.match(titles)
  })

  it('are called as they are when they are loaded', () => {
    let made: ReturnType<typeof createViews> | undefined
    open = openAppScreen({ cols: 80, rows: 24, createViews: (parts) => (made = createViews(parts)) })
    expect(named(placeholders())).to.deep.equal(named(made!))
  })
})

function named(views: ReturnType<typeof createViews>): [string, string][] {
  return [...views.values()].map(({ name, title }) => [name, title])
}
