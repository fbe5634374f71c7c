import { expect } from 'chai'
import { openFakeScreen, type FakeScreen } from '../support/fake-screen.ts'

describe('The screen', () => {
  let fake: FakeScreen | undefined
  const open = (cols: number, rows: number) => (fake = openFakeScreen({ cols, rows }))
  afterEach(() => fake?.dispose())

  it('draws panes where they lie, later ones over earlier ones', async () => {
    const { screen, rows } = open(20, 6)
    screen.pane({ left: 0, top: 0 }, (canvas) => canvas.fill(0, 0, canvas.width, canvas.height, 'line', '.'))
    screen.pane({ left: 2, top: 1, width: '50%', height: 3 }, (canvas) => {
      canvas.text(1, 0, `${canvas.width}x${canvas.height}`, 'strong')
    })
    screen.pane(
      () => ({ left: 4, top: 2, width: 5, height: 1 }),
      (canvas) => void canvas.text(0, 0, 'over and out', 'accent'),
    )
    expect(await rows()).to.deep.equal([
      '....................',
      '.. 10x3     ........',
      '..  over    ........',
      '..          ........',
      '....................',
      '....................',
    ])
  })
})
