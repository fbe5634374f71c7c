import { expect } from 'chai'
import { readdirSync, readFileSync } from 'node:fs'
import { lineOf, scanKeys } from '../../lib/config/scan.ts'
import { parseToml, type Table } from '../../lib/config/toml.ts'

const lines = (text: string) => scanKeys(text).map(({ path, line, kind }) => `${line} ${kind} ${path.join('/')}`)

/** Every key that the parser finds, as the scanner would write it; arrays as their elements. */
function keysOf(value: unknown, path: string[] = []): string[] {
  if (typeof value !== 'object' || value === null || value instanceof Date) return [path.join('/')]
  const inner = Object.entries(value as Table).flatMap(([key, item]) => keysOf(item, [...path, key]))
  return inner.length === 0 ? [path.join('/')] : inner
}

describe('the positions of keys', () => {
  it('are found in every form that a key can have', () => {
    const text = [
      '# comment = 1',
      'a = 1 # b = 2',
      'c.d . "e f" = "x # y = 1"',
      "'g\"h' = '''",
      'i = 1',
      "'''",
      '"j\\"\\u0041" = """k',
      'l = \\""" m',
      '"""',
      '[ n . o ]',
      'p = [1, # two',
      '  { q = 2 },',
      ']',
      'r = { s = 1, t.u = { v = [] },',
      '  w = 1979-05-27 07:32:00 }',
      '[[x]]',
      'y = 1',
      '[x.z]',
      'aa = true',
      '[[x]]',
      'y = 2',
    ]
    expect(lines(text.join('\n'))).to.deep.equal([
      '2 pair a',
      '3 pair c/d/e f',
      '4 pair g"h',
      '7 pair j"A',
      '10 header n/o',
      '11 pair n/o/p',
      '11 element n/o/p/0',
      '12 element n/o/p/1',
      '12 pair n/o/p/1/q',
      '14 pair n/o/r',
      '14 pair n/o/r/s',
      '14 pair n/o/r/t/u',
      '14 pair n/o/r/t/u/v',
      '15 pair n/o/r/w',
      '16 header x/0',
      '17 pair x/0/y',
      '18 header x/0/z',
      '19 pair x/0/z/aa',
      '20 header x/1',
      '21 pair x/1/y',
    ])
  })

  it('hold the values, and nothing but them', () => {
    const text = '\uFEFFa = "x"  # c\r\nb = [ 1,\r\n 2 ]\r\nd = 1_000 \r\n'
    const values = scanKeys(text).map(({ valueStart, valueEnd }) => text.slice(valueStart, valueEnd))
    expect(values).to.deep.equal(['"x"', '[ 1,\r\n 2 ]', '1', '2', '1_000'])
  })

  it('are those of every key that the parser finds, in all the files that we ship', () => {
    const files = ['default.toml', 'keybinds.toml', ...readdirSync('themes').map((name) => `themes/${name}`)]
    for (const file of files) {
      const bytes = readFileSync(file)
      const { data, text } = parseToml(bytes, { name: file, code: 'config' })
      const found = new Set(scanKeys(text).map(({ path }) => path.join('/')))
      expect(
        keysOf(data).filter((key) => !found.has(key)),
        file,
      ).to.deep.equal([])
    }
  })

  it('end where the text stops being one, however it does', () => {
    const text = 'a = 1\n[b]\nc = { d = [ "e", """f""", \'g\' ], h = 2 }\n[[i.j]]\nk = "l"\n'
    for (let length = 0; length < text.length; length++)
      for (const end of ['', '\n', '"', '{', '[', '=', '\\', '#', '\0'])
        expect(scanKeys(text.slice(0, length) + end).length).to.be.lessThan(12)
  })

  it('lead from a path to a line, or to the line of what is around it', () => {
    const positions = scanKeys('a = 1\n\n[b.c]\nd = { e = 1 }\n')
    const paths = [['a'], ['b'], ['b', 'c'], ['b', 'c', 'd', 'e'], ['b', 'c', 'x'], ['b', 'y'], ['z'], []]
    expect(paths.map((path) => lineOf(positions, path))).to.deep.equal([1, 3, 3, 4, 3, 3, undefined, undefined])
  })
})
