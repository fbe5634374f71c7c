import { expect } from 'chai'
import { mkdirSync, symlinkSync } from 'node:fs'
import { filesOf, languagesIn, toolchainsFor, unmet } from '../../lib/sandbox/languages.ts'
import { Folder } from '../support/folder.ts'

describe('the languages of a project', () => {
  const folder = new Folder()
  const found = (files: Record<string, string>) => {
    mkdirSync(folder.at('project'), { recursive: true })
    for (const [name, text] of Object.entries(files)) folder.write(`project/${name}`, text)
    return languagesIn(filesOf(folder.at('project')))
  }

  it('are none in an empty one, and in one that is only text', () => {
    expect(found({})).to.deep.equal([])
    expect(found({ 'README.md': 'x', 'notes/todo.txt': 'x', Makefile: 'all:\n' })).to.deep.equal([])
  })

  it('are found at its top and one folder below, each once, and not in what lies aside', () => {
    const files = {
      'web/package.json': '{}',
      'api/pyproject.toml': '',
      'api/requirements.txt': '',
      'Cargo.toml': '',
      'core/Cargo.toml': '',
      'docs/package.json': '{}',
      'vendor/go.mod': '',
      '.hidden/go.mod': '',
      'deep/er/go.mod': '',
    }
    expect(found(files)).to.deep.equal([
      { language: 'python', marker: 'api/pyproject.toml' },
      { language: 'node', marker: 'web/package.json' },
      { language: 'rust', marker: 'Cargo.toml' },
    ])
  })

  it('are looked for in no file outside, and in no pipe', () => {
    folder.write('outside/package.json', '{ "engines": { "node": "18" } }')
    mkdirSync(folder.at('project'), { recursive: true })
    symlinkSync('../outside', folder.at('project/web'))
    symlinkSync('../outside/package.json', folder.at('project/package.json'))
    // The name is there to be seen; what it leads to is not read.
    expect(found({})).to.deep.equal([{ language: 'node', marker: 'package.json' }])
  })

  const wishes: [what: string, files: Record<string, string>, wish: Record<string, string> | undefined][] = [
    [
      '.nvmrc',
      { 'package.json': '{}', '.nvmrc': 'v18.19.0\n' },
      { text: 'v18.19.0', range: '18.19.0', from: '.nvmrc' },
    ],
    [
      'a line of .nvmrc',
      { 'package.json': '{}', '.nvmrc': '# x\n20\n' },
      { text: '20', range: '>=20.0.0 <21.0.0-0', from: '.nvmrc' },
    ],
    [
      'a code name',
      { 'package.json': '{}', '.nvmrc': 'lts/Hydrogen' },
      { text: 'lts/Hydrogen', range: '18', from: '.nvmrc' },
    ],
    ['a good one', { 'package.json': '{}', '.nvmrc': 'lts/*' }, undefined],
    [
      '.node-version before engines',
      { 'package.json': '{ "engines": { "node": ">=20" } }', '.node-version': '18' },
      { text: '18', range: '>=18.0.0 <19.0.0-0', from: '.node-version' },
    ],
    [
      'engines of a folder below',
      { 'web/package.json': '{ "engines": { "node": "^18 || >=21" } }' },
      { text: '^18 || >=21', range: '>=18.0.0 <19.0.0-0||>=21.0.0', from: 'web/package.json' },
    ],
    ['engines that are none', { 'package.json': '{ "engines": { "node": "new!" } }' }, undefined],
    ['a package.json that is none', { 'package.json': '{ "engines": ' }, undefined],
    ['engines without end', { 'package.json': `{ "engines": { "node": "${'>=1 '.repeat(50_000)}" } }` }, undefined],
    [
      '.python-version',
      { 'setup.py': '', '.python-version': '3.12\n3.11\n' },
      { text: '3.12', range: '3.12', from: '.python-version' },
    ],
    [
      'another Python',
      { 'setup.py': '', '.python-version': 'pypy3.9-7.3' },
      { text: 'pypy3.9-7.3', from: '.python-version' },
    ],
    [
      'requires-python',
      { 'pyproject.toml': '[project]\nrequires-python = ">=3.10, <4, !=3.11.1"\n' },
      { text: '>=3.10, <4, !=3.11.1', range: '>=3.10.0 <4.0.0-0', from: 'pyproject.toml' },
    ],
    [
      'a compatible Python',
      { 'pyproject.toml': '[project]\nrequires-python = "~=3.11"\n' },
      { text: '~=3.11', range: '>=3.11.0 <4.0.0-0', from: 'pyproject.toml' },
    ],
    [
      'the Python of Poetry',
      { 'pyproject.toml': '[tool.poetry.dependencies]\npython = "^3.9"\n' },
      { text: '^3.9', range: '>=3.9.0 <4.0.0-0', from: 'pyproject.toml' },
    ],
    ['a pyproject.toml that is none', { 'pyproject.toml': '[project' }, undefined],
    [
      'rust-toolchain.toml',
      { 'Cargo.toml': '', 'rust-toolchain.toml': '[toolchain]\nchannel = "1.75.0"\n' },
      { text: '1.75.0', range: '1.75.0', from: 'rust-toolchain.toml' },
    ],
    ['the stable Rust', { 'Cargo.toml': '', 'rust-toolchain': 'stable\n' }, undefined],
    [
      'a nightly Rust',
      { 'Cargo.toml': '', 'rust-toolchain': 'nightly-2024-01-01\n' },
      { text: 'nightly-2024-01-01', from: 'rust-toolchain' },
    ],
    [
      'rust-version',
      { 'Cargo.toml': '[package]\nrust-version = "1.70"\n' },
      { text: '1.70', range: '>=1.70.0', from: 'Cargo.toml' },
    ],
    ['go.mod', { 'go.mod': 'module x\n\ngo 1.22\n' }, { text: '1.22', range: '>=1.22.0', from: 'go.mod' }],
    [
      'the toolchain of go.mod',
      { 'go.mod': 'module x\ngo 1.21\ntoolchain go1.24.3\n' },
      { text: '1.24.3', range: '>=1.24.3', from: 'go.mod' },
    ],
  ]
  for (const [what, files, wish] of wishes)
    it(`are wanted in a version: ${what}`, () => expect(found(files).map((one) => one.wish)).to.deep.equal([wish]))

  const node = (text: string) => toolchainsFor(found({ 'package.json': '{}', '.nvmrc': text }))

  it('are the usual ones where these do as well', () => {
    expect(node('22')).to.deep.equal([{ language: 'node' }])
    expect(node('>=18')).to.deep.equal([{ language: 'node' }])
    expect(node('22.3.0')).to.deep.equal([{ language: 'node', range: '22.3.0' }])
    expect(node('18')).to.deep.equal([{ language: 'node', range: '>=18.0.0 <19.0.0-0' }])
  })

  it('are said to be others than was asked for', () => {
    const python = found({ 'setup.py': '', '.python-version': '3.12' })
    expect(unmet(python, { python: '3.11.2' })).to.deep.equal([
      '.python-version asks for Python 3.12; the sandbox has 3.11.2.',
    ])
    expect(unmet(python, { python: '3.12.9' })).to.deep.equal([])
    expect(unmet(python, {})).to.deep.equal([])
    const rust = found({ 'setup.py': '', '.python-version': '3.11', 'Cargo.toml': '', 'rust-toolchain': 'nightly' })
    expect(unmet(rust, { python: '3.11.2', rust: '1.85.0' })).to.deep.equal([
      'rust-toolchain asks for Rust nightly; the sandbox has 1.85.0.',
    ])
  })
})
