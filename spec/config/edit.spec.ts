import { expect } from 'chai'
import { lstatSync, readFileSync, readdirSync, statSync, symlinkSync } from 'node:fs'
import { setKey, type Value } from '../../lib/config/edit.ts'
import { readToml } from '../../lib/config/toml.ts'
import { Folder } from '../support/folder.ts'

describe('setKey', () => {
  const folder = new Folder()

  const after = (text: string, key: string, value: Value) => {
    const file = folder.write('config.toml', text)
    setKey(file, key.split('.'), value)
    return readFileSync(file, 'utf8')
  }

  const rows: [string, string, string, Value, string][] = [
    ['changes a value', '# top\nmodel = "a/b" # mine\nx = 1\n', 'model', 'c/d', '# top\nmodel = "c/d" # mine\nx = 1\n'],
    ['changes a value under a header', '[policy]\nrun="ask"\n', 'policy.run', 'deny', '[policy]\nrun="deny"\n'],
    ['changes a dotted key', 'policy . run = "ask"', 'policy.run', 'deny', 'policy . run = "deny"'],
    ['changes a key in braces', 'p = { a = 1, b = 2 }\n', 'p.a', 3, 'p = { a = 3, b = 2 }\n'],
    ['changes a list', 'l = [\n "a", # one\n]\nm = 1', 'l', ['b', 'c'], 'l = ["b", "c"]\nm = 1'],
    ['adds the first key to an empty file', '', 'model', 'a/b', 'model = "a/b"\n'],
    [
      'adds a key after the others',
      'a = 1\n\n# about b\n[b]\nc = 1\n',
      'd',
      true,
      'a = 1\nd = true\n\n# about b\n[b]\nc = 1\n',
    ],
    [
      'adds a key above the first header',
      '# file\n\n# about b\n[b]\nc = 1\n',
      'd',
      2,
      '# file\n\nd = 2\n\n# about b\n[b]\nc = 1\n',
    ],
    ['adds a key where a header begins the file', '[b]\nc = 1\n', 'd', 2, 'd = 2\n\n[b]\nc = 1\n'],
    [
      'adds a key under its header',
      '[a]\nb = 1 # one\n\n# about c\n[c]\n',
      'a.d',
      2,
      '[a]\nb = 1 # one\nd = 2\n\n# about c\n[c]\n',
    ],
    ['adds a key under an empty header', '[a] # here\n[c]\n', 'a.d', 2, '[a] # here\nd = 2\n[c]\n'],
    ['adds a key at the end without a line end', '[a]\nb = 1', 'a.d', 2, '[a]\nb = 1\nd = 2\n'],
    ['adds a header', 'a = 1\n', 'policy.run', 'ask', 'a = 1\n\n[policy]\nrun = "ask"\n'],
    ['adds a header where only one below it is there', '[a.b]\nc = 1\n', 'a.d', 2, '[a.b]\nc = 1\n\n[a]\nd = 2\n'],
    [
      'adds beside dotted keys, which allow no header',
      'a.b = 1\nz = 1\n[c]\n',
      'a.d',
      2,
      'a.b = 1\na.d = 2\nz = 1\n[c]\n',
    ],
    ['adds beside dotted keys under a header', '[a]\nb.c = 1\n[z]\n', 'a.b.d', 2, '[a]\nb.c = 1\nb.d = 2\n[z]\n'],
    ['adds inside braces', 'a = { b = { c = 1 } }\n', 'a.b.d', 2, 'a = { b = { c = 1, d = 2 } }\n'],
    ['adds inside empty braces', 'a = {}\n', 'a.d', 2, 'a = { d = 2 }\n'],
    ['keeps the line ends of Windows and the mark', '\uFEFFa = 1\r\n', 'p.q', 2, '\uFEFFa = 1\r\n\r\n[p]\r\nq = 2\r\n'],
    ['is not misled by text that looks like a key', 'a = """\nd = 1\n"""\n', 'd', 2, 'a = """\nd = 1\n"""\nd = 2\n'],
    ['writes any text', 'a = 1\n', 'a', '"\\\n\x7f\u0001é\u2028', 'a = "\\"\\\\\\n\\u007f\\u0001é\u2028"\n'],
    ['quotes a key that needs it', '', 'm.a b', 1, '[m]\n"a b" = 1\n'],
  ]
  for (const [name, text, key, value, expected] of rows)
    it(name, () => expect(after(text, key, value)).to.equal(expected))

  it('makes file and folder for the person alone', () => {
    const file = folder.at('new/deep/config.toml')
    setKey(file, ['model'], 'a/b')
    const modes = [file, folder.at('new/deep'), folder.at('new')].map((path) => statSync(path).mode & 0o777)
    expect(modes).to.deep.equal([0o600, 0o700, 0o700])
    expect(readdirSync(folder.at('new/deep'))).to.deep.equal(['config.toml'])
  })

  it('keeps the mode of a file, and the link that leads to it', () => {
    const real = folder.write('dotfiles/config.toml', 'a = 1\n', 0o640)
    symlinkSync(real, folder.at('config.toml'))
    setKey(folder.at('config.toml'), ['a'], 2)
    expect([readFileSync(real, 'utf8'), statSync(real).mode & 0o777]).to.deep.equal(['a = 2\n', 0o640])
    expect(lstatSync(folder.at('config.toml')).isSymbolicLink()).to.equal(true)
  })

  const refused: [string, string, string, string][] = [
    [
      'a file that is wrong',
      'a = \n',
      'b',
      'config ~/config.toml:1: this is not TOML: the line ends in the middle of an entry; text goes in "quotes"',
    ],
    [
      'a table',
      '[a]\nb = 1\n',
      'a',
      'config ~/config.toml: cannot be changed safely by the program; set a = 1 by hand',
    ],
    [
      'what is no table',
      'a = 1\n',
      'a.b',
      'config ~/config.toml: cannot be changed safely by the program; set a.b = 1 by hand',
    ],
    [
      'tables in a list',
      '[[a]]\nb = 1\n',
      'a.b',
      'config ~/config.toml: cannot be changed safely by the program; set a.b = 1 by hand',
    ],
  ]
  for (const [name, text, key, expected] of refused)
    it(`leaves alone ${name}`, () => {
      expect(folder.failure(() => after(text, key, 1))).to.equal(expected)
      expect(readFileSync(folder.at('config.toml'), 'utf8')).to.equal(text)
    })

  it('leaves the file as it was where it cannot write', () => {
    folder.write('file', 'not a folder')
    expect(folder.failure(() => setKey(folder.at('file/config.toml'), ['a'], 1))).to.match(
      /^config ~\/file\/config\.toml: /,
    )
  })

  it('sets every key of default.toml in a copy of it, and each time only that one', () => {
    const text = readFileSync('default.toml', 'utf8')
    const file = folder.write('copy.toml', text)
    for (const key of [
      'model',
      'theme',
      'policy.network',
      'sandbox.cpus',
      'limits.cost',
      'providers.ollama.base_url',
    ]) {
      setKey(file, key.split('.'), 7)
      const changed = readFileSync(file, 'utf8').split('\n')
      const differing = text.split('\n').flatMap((line, index) => (line === changed[index] ? [] : [changed[index]]))
      expect(differing).to.deep.equal([`${key.split('.').at(-1)} = 7`])
      folder.write('copy.toml', text)
    }
    expect(readToml(file)!.text).to.equal(text)
  })
})
