import { expect } from 'chai'
import type { Line } from 'neo-blessed/lib/widgets/screen.js'
import { Attributes } from '../../lib/tui/attributes.ts'
import { DEFAULT_ATTRIBUTE } from '../../lib/tui/blessed.ts'
import { Diff, type Point } from '../../lib/tui/diff.ts'
import { newTerminal, takenIn } from '../support/headless.ts'
import { shippedTheme } from '../support/fake-screen.ts'

const attributes = new Attributes(shippedTheme(), '16')
const strong = attributes.of('strong')
const strongOn = attributes.change(DEFAULT_ATTRIBUTE, strong)
const strongOff = attributes.change(strong, DEFAULT_ATTRIBUTE)

/** Lines of cells; what stands between `*` is strong. */
function cells(rows: string[], width: number): Line[] {
  return rows.map((row) => {
    let attribute = DEFAULT_ATTRIBUTE
    const line: [number, string][] = []
    for (const character of row) {
      if (character === '*') attribute = attribute === strong ? DEFAULT_ATTRIBUTE : strong
      else line.push([attribute, character])
    }
    while (line.length < width) line.push([DEFAULT_ATTRIBUTE, ' '])
    return Object.assign(line, { dirty: true })
  })
}

/** A terminal of 40 columns that shows `rows`, and what is written to bring it to others. */
function shows(rows: string[], cursor: Point | null = null) {
  const diff = new Diff(attributes)
  const shown = cells(rows, 40)
  diff.frame(cells(rows, 40), shown, cursor, false)
  diff.frame(cells(['.', ...rows.slice(1)], 40), shown, cursor, false)
  diff.frame(cells(rows, 40), shown, cursor, false)
  return (next: string[], to: Point | null = cursor, synchronized = false) =>
    diff.frame(cells(next, 40), shown, to, synchronized)
}

describe('The diff', () => {
  it('writes nothing where nothing changed', () => {
    expect(shows(['hello', 'world'])(['hello', 'world'])).to.equal('')
  })

  it('writes what changed, and steps over what did not', () => {
    const write = shows(['one two three four five'])
    expect(write(['ONE two three four FIVE'])).to.equal('\rONE\x1b[16CFIVE')
  })

  it('writes short gaps again rather than stepping over them', () => {
    expect(shows(['abcdef'])(['Abc*d*ef'.replace('*d*', 'D')])).to.equal('\rAbcD')
  })

  it('goes to other rows, and changes the look only where it shows', () => {
    const write = shows(['abc', 'def'])
    expect(write(['abc', 'd*E F*'])).to.equal(`\x1b[2;2H${strongOn}E F`)
    expect(write(['x', 'd*E F*'])).to.equal(`\x1b[1H${strongOff}x  `)
  })

  it('erases long runs of blanks', () => {
    const write = shows(['a line of text up to the right edge.....', 'another line of text'])
    expect(write(['a', 'another         text'])).to.equal('\x1b[1;3H\x1b[K\x1b[2;9H       ')
    expect(write(['a', 'a               text'])).to.equal('\x1b[14D      ')
    expect(write(['abcdefghijklmnopqrst'])).to.equal('\x1b[1;2Hbcdefghijklmnopqrst')
    expect(write(['a                  t'])).to.equal('\x1b[19D\x1b[18X')
  })

  it('hides the cursor for a frame of several places, unless the terminal takes frames whole', () => {
    const cursor = { x: 3, y: 1 }
    expect(shows(['abc', 'def'], cursor)(['Abc', 'deF'])).to.equal('\x1b[?25l\x1b[1HA\x1b[2;3HF\x1b[?25h')
    expect(shows(['abc', 'def'], cursor)(['Abc', 'deF'], cursor, true)).to.equal(
      '\x1b[?2026h\x1b[1HA\x1b[2;3HF\x1b[?2026l',
    )
  })

  it('moves the cursor only where it has to, and hides it where nobody put it', () => {
    const write = shows(['abc'], { x: 3, y: 0 })
    expect(write(['abcd'], { x: 4, y: 0 })).to.equal('d')
    expect(write(['abcd'], { x: 4, y: 0 })).to.equal('')
    expect(write(['abcd'], { x: 2, y: 0 })).to.equal('\x1b[2D')
    expect(write(['abcd'], null)).to.equal('\x1b[?25l')
    expect(write(['abcd'], null)).to.equal('')
    expect(write(['abcd'], { x: 2, y: 0 })).to.equal('\x1b[?25h')
  })

  it('writes such a character at the right edge in its place, where the cursor waits to wrap', async () => {
    const terminal = newTerminal(6, 1)
    const row = cells(['abcd..'], 6)
    row[0]![4]![1] = '❤️'
    row[0]![5]![1] = ''
    terminal.write(new Diff(attributes).frame(row, cells(['......'], 6), null, false))
    await takenIn(terminal)
    expect(terminal.buffer.active.getLine(0)!.translateToString()).to.match(/^abcd❤/)
    terminal.dispose()
  })

  it('places what follows a character whose width is uncertain anew', () => {
    const write = shows(['......'])
    const row = cells(['.x...'], 40)
    row[0]![1]![1] = '❤️'
    row[0]![2]![1] = ''
    const shown = cells(['.....'], 40)
    expect(new Diff(attributes).frame(row, shown, null, false)).to.equal(
      '\x1b[?25l\x1b[1;2H\x1b[m  \x1b[2G❤️\x1b[1;4H..      ',
    )
    expect(write(['......'])).to.equal('')
  })

  it('steps over a character of several code points, though it begins with a digit', () => {
    const keycap = (text: string) => {
      const lines = cells([text], 40)
      lines[0]![1]![1] = '1️⃣'
      lines[0]![2]![1] = ''
      return lines
    }
    const diff = new Diff(attributes)
    const shown = cells(['          '], 40)
    diff.frame(keycap('a..bcdefghijk'), shown, null, false)
    diff.frame(keycap('a..bcdefghijk'), shown, null, false)
    expect(diff.frame(keycap('A..Bcdefghijk'), shown, null, false)).to.equal('\rA\x1b[2CB')
  })
})
