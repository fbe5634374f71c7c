import { expect } from 'chai'
import { readdirSync } from 'node:fs'
import { resolve } from 'node:path'
import { loadTheme, tones, type Colour, type Theme, type Tone } from '../../lib/config/theme.ts'
import { readToml } from '../../lib/config/toml.ts'
import { paletteColour, paletteIndex } from '../../lib/tui/colour.ts'
import { Folder } from '../support/folder.ts'

const shipped = resolve('themes')
const names = readdirSync(shipped).map((name) => name.replace('.toml', ''))

/** Relative luminance and contrast as in WCAG 2.2. */
function luminance(colour: string): number {
  const channels = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255)
  const [red, green, blue] = channels.map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!
}

function contrast(one: string, other: string): number {
  const [light, dark] = [luminance(one), luminance(other)].toSorted((a, b) => b - a)
  return (light! + 0.05) / (dark! + 0.05)
}

/** A colour of our own themes, which name theirs in full; where there is none, the terminal's own. */
function shown(colour: Colour, own: string | undefined): string {
  return (colour ?? own) as string
}

/** The colour that stands for it where there are 256. */
function near(colour: Colour): Colour {
  return colour === null ? null : paletteColour(paletteIndex(colour, 256))
}

describe('themes', () => {
  const folder = new Folder()
  const load = (name: string): Theme => loadTheme(name, { shipped, user: folder.at('themes'), home: folder.path })

  it('are these, and each says something of every tone', () => {
    expect(names.toSorted()).to.deep.equal(['16', 'dark', 'high-contrast', 'light'])
    for (const name of names) expect(Object.keys(load(name)).toSorted()).to.deep.equal([...tones, 'name'].toSorted())
  })

  for (const name of ['dark', 'light', 'high-contrast'])
    for (const [depth, seen] of [
      ['in full colour', (colour: Colour) => colour],
      ['in 256 colours', near],
    ] as const)
      it(`${name} can be read ${depth}`, () => {
        const terminal = readToml(resolve(shipped, `${name}.toml`))!.data['terminal'] as
          { fg: string; bg: string } | undefined
        const theme = load(name)
        const found = tones.map((tone): [Tone, number] => {
          const { fg, bg } = theme[tone]
          return [tone, contrast(shown(seen(fg), terminal?.fg), shown(seen(bg), terminal?.bg))]
        })
        // Lines are no text; all else is, what is dim too, and the colours of code on the grounds of a diff.
        const least = name === 'high-contrast' ? 7 : 4.5
        const code: Tone[] = ['dim', 'comment', 'keyword', 'string', 'number', 'function', 'type']
        if (depth === 'in full colour')
          for (const ground of ['added', 'removed'] as const)
            for (const tone of code)
              found.push([tone, contrast(shown(theme[tone].fg, terminal?.fg), shown(theme[ground].bg, terminal?.bg))])
        const weak = found.filter(([tone, ratio]) => tone !== 'line' && !(ratio >= least))
        expect(weak).to.deep.equal([])
      })

  it('16 uses only the sixteen colours that the terminal has', () => {
    const theme = load('16')
    const colours = tones.flatMap((tone) => [theme[tone].fg, theme[tone].bg])
    expect(colours.filter((colour) => colour !== null && !(typeof colour === 'number' && colour < 16))).to.deep.equal(
      [],
    )
  })

  it('tell changes and states apart without colours too, where the terminal has few', () => {
    const { selection, addedWord, removedWord } = load('16')
    expect([selection.inverse, addedWord.inverse, removedWord.inverse]).to.deep.equal([true, true, true])
  })

  const whole = tones.map((tone) => `${tone} = { fg = 3 }`)

  it("are the person's own before ours", () => {
    folder.write('themes/dark.toml', `[tones]\n${whole.join('\n')}\n`)
    expect(load('dark').normal).to.deep.equal({ fg: 3, bg: null, bold: false, underline: false, inverse: false })
  })

  const rests: [string, string, string, string][] = [
    ['its base', 'mine', 'base = "high-contrast"\n[terminal]\nbg = "#ffffff"\n', 'high-contrast'],
    ['ours of its name', 'light', '', 'light'],
    ['the light one where it is made for a light ground', 'mine', '[terminal]\nbg = "#fafafa"\n', 'light'],
    ['the light one where its own ground is light', 'mine', '[tones.normal]\nbg = 255\n', 'light'],
    ['the dark one where its ground is dark', 'mine', '[terminal]\nbg = 17\n', 'dark'],
    ['the dark one where nothing is said of its ground', 'mine', '', 'dark'],
  ]
  for (const [what, name, text, rest] of rests)
    it(`take what they do not name from ${what}`, () => {
      folder.write(`themes/${name}.toml`, `${text}[tones.dim]\nfg = 3\n`)
      const theme = load(name)
      const { match, matchAt, keyword } = loadTheme(rest, { shipped, user: shipped, home: folder.path })
      expect([theme.dim.fg, theme.match, theme.matchAt, theme.keyword]).to.deep.equal([3, match, matchAt, keyword])
    })

  const wrong: [string, string, string][] = [
    [
      'a tone that there is not',
      '[tones]\nnromal = {}',
      ':2: unknown key "tones.nromal"; did you mean "tones.normal"?',
    ],
    [
      'a colour that is none',
      '[tones]\ndim = { fg = "grey" }',
      ':2: "tones.dim.fg" must be a colour: "#rrggbb", or a number of the palette from 0 to 255, not "grey"',
    ],
    [
      'a number beyond the palette',
      '[tones]\ndim = { fg = 256 }',
      ':2: "tones.dim.fg" must be a colour: "#rrggbb", or a number of the palette from 0 to 255, not 256',
    ],
    [
      'a style that we cannot draw',
      '[tones.dim]\nitalic = true',
      ':2: unknown key "tones.dim.italic"; the keys here are bg, bold, fg, inverse, underline',
    ],
    [
      'a base that there is not',
      'base = "lihgt"',
      ':1: "base" must be "16", "dark", "high-contrast" or "light" (did you mean "light"?), not "lihgt"',
    ],
  ]
  for (const [name, text, expected] of wrong)
    it(`say what is wrong: ${name}`, () => {
      folder.write('themes/mine.toml', text)
      expect(folder.failure(() => load('mine'))).to.equal(`config ~/themes/mine.toml${expected}`)
    })

  it('say which there are', () => {
    folder.write('themes/mine.toml', '')
    expect(folder.failure(() => load('drak'))).to.equal('config There is no theme "drak"; did you mean "dark"?')
    expect(folder.failure(() => load('zzzz'))).to.equal(
      'config There is no theme "zzzz"; there are 16, dark, high-contrast, light, mine',
    )
  })
})
