import { expect } from 'chai'
import type { Style, Theme } from '../../lib/config/theme.ts'
import { Attributes } from '../../lib/tui/attributes.ts'
import { chooseDepth, colourParameters, paletteIndex, type Depth } from '../../lib/tui/colour.ts'
import { shippedTheme } from '../support/fake-screen.ts'

const plain: Style = { fg: null, bg: null, bold: false, underline: false, inverse: false }

function themeWith(tones: Partial<Record<'normal' | 'accent' | 'selection', Partial<Style>>>): Theme {
  const styles = Object.entries({ normal: {}, ...tones }).map(([tone, style]) => [tone, { ...plain, ...style }])
  return { ...shippedTheme(), ...(Object.fromEntries(styles) as Partial<Theme>) }
}

describe('Colours', () => {
  it('are as many as were configured, else as the environment says', () => {
    const depths: [Parameters<typeof chooseDepth>, Depth][] = [
      [['16', { COLORTERM: 'truecolor' }], '16'],
      [['truecolor', { NO_COLOR: '1' }], 'truecolor'],
      [['auto', { NO_COLOR: '1', COLORTERM: 'truecolor' }], 'none'],
      [['auto', { NO_COLOR: '', COLORTERM: 'truecolor', TERM: 'xterm' }], 'truecolor'],
      [['auto', { COLORTERM: '24bit', TERM: 'tmux-256color' }], 'truecolor'],
      [['auto', { TERM: 'xterm-kitty' }], 'truecolor'],
      [['auto', { TERM: 'screen-256color' }], '256'],
      [['auto', { TERM: 'xterm' }], '16'],
      [['auto', { TERM: 'vt100' }], 'none'],
      [['auto', {}], 'none'],
    ]
    for (const [parameters, depth] of depths) expect(chooseDepth(...parameters)).to.equal(depth)
  })

  it('become the nearest that the terminal has', () => {
    const depths = ['truecolor', '256', '16', 'none'] as const
    const shown = (colour: Parameters<typeof colourParameters>[0]) =>
      depths.map((depth) => colourParameters(colour, 'fg', depth))
    expect(['#ff0000', '#11131a', '#808080', 4, 12, 203, null].map((colour) => shown(colour as null))).to.deep.equal([
      ['38;2;255;0;0', '38;5;196', '91', ''],
      ['38;2;17;19;26', '38;5;233', '30', ''],
      ['38;2;128;128;128', '38;5;244', '90', ''],
      ['34', '34', '34', ''],
      ['94', '94', '94', ''],
      ['38;5;203', '38;5;203', '91', ''],
      ['', '', '', ''],
    ])
    expect(colourParameters('#0000ff', 'bg', '16')).to.equal('44')
    expect(colourParameters(12, 'bg', '16')).to.equal('104')
    expect(paletteIndex('#5f87af', 256)).to.equal(67)
  })
})

describe('Attributes', () => {
  const theme = themeWith({
    accent: { fg: '#ff8800', bold: true },
    selection: { fg: '#ff8800', bg: '#222222' },
  })

  it('change with as few parameters as will do', () => {
    const attributes = new Attributes(theme, 'truecolor')
    const [normal, accent, selection] = (['normal', 'accent', 'selection'] as const).map((tone) => attributes.of(tone))
    expect([
      attributes.change(null, normal!),
      attributes.change(null, accent!),
      attributes.change(normal!, accent!),
      attributes.change(accent!, normal!),
      attributes.change(normal!, selection!),
      attributes.change(selection!, normal!),
      attributes.change(accent!, selection!),
      attributes.change(accent!, accent!),
    ]).to.deep.equal([
      '\x1b[m',
      '\x1b[0;1;38;2;255;136;0m',
      '\x1b[1;38;2;255;136;0m',
      '\x1b[m',
      '\x1b[38;2;255;136;0;48;2;34;34;34m',
      '\x1b[39;49m',
      '\x1b[0;38;2;255;136;0;48;2;34;34;34m',
      '',
    ])
  })

  it('are one for all blanks that look the same, and keep their number over a change of theme', () => {
    const attributes = new Attributes(theme, 'truecolor')
    const accent = attributes.of('accent')
    expect(attributes.blank(accent)).to.equal(attributes.of('normal'))
    expect(attributes.blank(attributes.of('selection'))).not.to.equal(attributes.of('normal'))
    attributes.use(themeWith({ selection: { fg: '#ff8800', bold: true } }))
    expect(attributes.of('selection')).to.equal(accent)
  })

  it('let a selection stand out without colours, and stay legible with few', () => {
    const none = new Attributes(theme, 'none')
    expect(none.change(null, none.of('selection'))).to.equal('\x1b[0;7m')
    expect(none.change(null, none.of('accent'))).to.equal('\x1b[0;1m')
    const few = new Attributes(themeWith({ selection: { fg: '#000010', bg: '#000000' } }), '16')
    expect(few.change(null, few.of('selection'))).to.equal('\x1b[0;7;30m')
  })

  it('are dim without colours where a tone is quieter than text, and not where colours say so', () => {
    const none = new Attributes(theme, 'none')
    const quiet = ['dim', 'line', 'comment'] as const
    expect(quiet.map((tone) => none.change(null, none.of(tone)))).to.deep.equal(quiet.map(() => '\x1b[0;2m'))
    expect(none.change(null, none.on('comment', 'added'))).to.contain('2')
    expect(none.of('focus')).not.to.equal(none.of('strong'))
    expect(none.change(null, none.of('focus'))).to.contain(';4')
    const some = new Attributes(theme, '16')
    expect(quiet.map((tone) => some.change(null, some.of(tone))).join('')).not.to.match(/[;[]2[;m]/)
  })

  it('understands the numbers of blessed', () => {
    const attributes = new Attributes(theme, '256')
    const boldRedOnBlue = (1 << 18) | (1 << 9) | 4
    expect(attributes.change(null, boldRedOnBlue)).to.equal('\x1b[0;1;31;44m')
  })
})
