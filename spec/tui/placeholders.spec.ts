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
    let load!: () => void
    const loaded = new Promise<void>((resolve) => (load = resolve))
    const later = async (parts: ViewParts) => {
      await loaded
      return createViews(parts)
    }
    const whole = (open = openAppScreen({ cols: 200, rows: 60, facts: finished }))
    const wanted = await settled(whole)
    await whole.close()
    open = openAppScreen({ cols: 200, rows: 60, facts: finished, createViews: later })
    const before = await open.rows()
    // The rows of titles and hints are there; what is in the panes is not.
    expect(before[1]).to.equal(wanted[1])
    expect(before).to.not.deep.equal(wanted)
    load()
    await loaded
    expect(await settled(open)).to.deep.equal(wanted)
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

/** What is shown when everything that was asked of the fakes has been answered. */
async function settled(screen: AppScreen): Promise<string[]> {
  for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve))
  return screen.rows()
}
