import { expect } from 'chai'
import { usual, type Arrangement, type Pane } from '../../lib/tui/arrangement.ts'
import { layOut, moved, type Layout } from '../../lib/tui/layout.ts'

const views = new Set(['files', 'viewer', 'diff'] as const)

function lay(cols: number, rows: number, arrangement: Arrangement = usual, at: Pane = 'conversation', zoomed = false) {
  return layOut(cols, rows, { arrangement, views, at, zoomed, composer: 1, dialog: 0 })
}

/** The columns of each pane, 0 where it is hidden. */
function columnsOf(layout: Layout | null): number[] {
  return [layout?.files, layout?.conversation, layout?.side].map((pane) => pane?.width ?? 0)
}

/** The row of the titles, and the rows of lines. */
function lineRows(cols: number, zoomed: boolean): number[] {
  const { titles, rules } = lay(cols, 30, usual, 'side', zoomed)!
  return [titles, ...rules]
}

describe('tui/layout', () => {
  it('shows by itself what there is room for', () => {
    const shown = [40, 80, 99, 100, 119, 120, 139, 140, 200].map((cols) => columnsOf(lay(cols, 30)))
    expect(shown).to.deep.equal([
      [0, 40, 0],
      [0, 80, 0],
      [0, 99, 0],
      [0, 100, 0],
      [0, 119, 0],
      [20, 99, 0],
      [24, 114, 0],
      [24, 58, 56],
      [32, 86, 80],
    ])
  })

  it('shows what was opened and hides what was hidden, wherever there is room for both', () => {
    const opened: Arrangement = { view: 'diff', files: true, side: true }
    const hidden: Arrangement = { view: 'diff', files: false, side: false }
    expect([100, 110, 200].map((cols) => columnsOf(lay(cols, 30, opened)))).to.deep.equal([
      [17, 41, 40],
      [19, 45, 44],
      [32, 86, 80],
    ])
    expect(columnsOf(lay(200, 30, hidden))).to.deep.equal([0, 200, 0])
  })

  it('shows one pane where there is room for one, or where it is zoomed', () => {
    const at: Pane[] = ['files', 'conversation', 'side']
    expect(at.map((pane) => columnsOf(lay(80, 24, usual, pane)))).to.deep.equal([
      [80, 0, 0],
      [0, 80, 0],
      [0, 0, 80],
    ])
    expect(at.map((pane) => columnsOf(lay(200, 60, usual, pane, true)))).to.deep.equal([
      [200, 0, 0],
      [0, 200, 0],
      [0, 0, 200],
    ])
  })

  it('has a row of tabs over the line over its pane, and titles under the line across the screen', () => {
    expect([lineRows(80, false), lineRows(80, true)]).to.deep.equal([[1, 2], [1, 2]]) // prettier-ignore
    expect([lineRows(120, false), lineRows(120, true)]).to.deep.equal([[2, 1, 28], [1, 2, 28]]) // prettier-ignore
  })

  it('needs 40x10', () => {
    expect([lay(39, 10), lay(40, 9)]).to.deep.equal([null, null])
    expect(lay(40, 10)?.conversation?.height).to.be.greaterThan(3)
  })

  it('fills the screen without a gap and without an overlap, whatever is asked of it', () => {
    for (let cols = 40; cols <= 240; cols += 7)
      for (const files of [true, false, undefined])
        for (const side of [true, false, undefined])
          for (const filesWidth of [undefined, -5, 900])
            for (const sideShare of [undefined, -1, 0.3, 7]) {
              const layout = lay(cols, 24, { view: 'diff', files, side, filesWidth, sideShare })!
              const panes = columnsOf(layout)
              const lines = layout.dividers.length
              expect(panes.reduce((sum, width) => sum + width, lines)).to.equal(cols)
              expect(panes[1]).to.be.at.least(Math.min(40, cols))
              expect(layout.composerRule.width).to.equal(panes[1])
            }
  })

  it('moves its dividers to where the mouse is, within bounds, and keeps the share at other widths', () => {
    const wide = moved({ ...usual, side: true }, 'side', 99, 200)
    expect(columnsOf(lay(200, 30, wide))[2]).to.equal(100)
    expect(columnsOf(lay(300, 30, wide))[2]).to.equal(150)
    expect(columnsOf(lay(200, 30, moved(usual, 'side', 0, 200)))[2]).to.equal(159)
    expect(columnsOf(lay(200, 30, moved(usual, 'side', 400, 200)))[2]).to.equal(30)
    expect(columnsOf(lay(200, 30, moved(usual, 'files', 50, 200)))[0]).to.equal(50)
    expect(columnsOf(lay(200, 30, moved(usual, 'files', 2, 200)))[0]).to.equal(16)
  })
})
