import { expect } from 'chai'
import { gauge, line, sparkline } from '../../../lib/tui/monitor/charts.ts'
import type { Row } from '../../../lib/tui/format/wrap.ts'

const text = (row: Row) => row.map((span) => span.text).join('')
const tones = (row: Row) => row.map((span) => `${span.tone} ${span.text.trim()}`.trim())

describe('tui/monitor: charts', () => {
  it('draw a line from the upper edge to the axis, in cells of its size', () => {
    const rows = line([1, 1, 0, 0, 1], 20, 5)
    expect(rows.map(text)).to.deep.equal([
      '        ⡇⠉⠉⢣      ⡜ ',
      '        ⡇   ⢣    ⡜  ',
      '        ⡇    ⢣⣀⣀⡜   ',
      '        ⠓⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒',
      '                    ',
    ])
    expect(tones(rows[0]!)).to.deep.equal(['normal', 'line ⡇', 'normal ⠉⠉⢣      ⡜'])
  })

  it('leave a gap where nothing was measured, and never leave their rows', () => {
    const parts = [0, 7, NaN, NaN, NaN, -3, Infinity]
    expect(line(parts, 30, 4).map(text)).to.deep.equal([
      '        ⡇ ⢀⠔⠁             ⡠⠊  ',
      '        ⡇⡠⠊             ⢀⠔⠁   ',
      '        ⠓⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒',
      '                              ',
    ])
    expect(sparkline(parts)).to.equal('▁█   ▁█')
    expect(line([], 20, 4).map((row) => text(row).length)).to.deep.equal([20, 20, 20, 20])
    expect(sparkline([])).to.equal('')
  })

  it('show a part of a limit: never nothing of something, never all before it is full', () => {
    const drawn = [0, 0.001, 0.5, 0.99, 1, 3].map((part) => text(gauge(part, 10, 'dim')))
    expect(drawn).to.deep.equal(['░░░░░░░░░░', '▓░░░░░░░░░', '▓▓▓▓▓░░░░░', '▓▓▓▓▓▓▓▓▓░', '▓▓▓▓▓▓▓▓▓▓', '▓▓▓▓▓▓▓▓▓▓'])
    expect(tones(gauge(0.9, 4, 'waiting'))).to.deep.equal(['waiting ▓▓▓', 'line ░'])
  })
})
