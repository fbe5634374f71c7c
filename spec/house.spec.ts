import { expect } from 'chai'
import { readFileSync, readdirSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'

const lib = resolve(import.meta.dirname, '..', 'lib')

/** The floors of the house, from the ground up. Rooms on one floor do not know each other. */
const floors = [
  ['core'],
  ['config'],
  ['sandbox'],
  ['workspace'],
  ['llm', 'tools'],
  ['tui', 'agent', 'session', 'remote', 'plugins'],
  ['cli'],
  ['main.ts'],
]

/** What a room may not see although it lies below. */
const closed: Record<string, string[]> = { tui: ['sandbox', 'workspace', 'llm', 'tools'] }

/** Packages that live behind one door. */
const doors: Record<string, string> = {
  'neo-blessed': 'tui',
  'blessed-contrib': 'tui',
  dockerode: 'sandbox',
  'node-pty': 'sandbox',
  '@lydell/node-pty': 'sandbox',
  undici: 'llm',
  winston: 'core',
}

interface Import {
  from: string
  to: string
  line: string
}

function sources(): string[] {
  return readdirSync(lib, { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.ts') && !file.endsWith('.d.ts'),
  )
}

function importsOf(file: string): { specifier: string; line: string }[] {
  const text = readFileSync(join(lib, file), 'utf8').replaceAll(/\/\*[^]*?\*\//g, '')
  const pattern = /^\s*(import|export)\s(?:[^'"`;]*?\sfrom\s)?['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)/gm
  return [...text.matchAll(pattern)].map((match) => ({
    specifier: (match[2] ?? match[3])!,
    line: match[0].trim(),
  }))
}

function ours(): Import[] {
  return sources().flatMap((file) =>
    importsOf(file)
      .filter(({ specifier }) => specifier.startsWith('.'))
      .map(({ specifier, line }) => ({
        from: file,
        to: relative(lib, resolve(lib, dirname(file), specifier)),
        line,
      })),
  )
}

const room = (file: string) => file.split('/')[0]!
const floor = (file: string) => floors.findIndex((rooms) => rooms.includes(room(file)))

describe('the house', () => {
  it('has a floor for every file', () => {
    expect(sources().filter((file) => floor(file) < 0)).to.deep.equal([])
  })

  it('has no arrow that points up, and none between the rooms of one floor', () => {
    const wrong = ours().filter(
      ({ from, to }) => floor(to) > floor(from) || (floor(to) === floor(from) && room(from) !== room(to)),
    )
    expect(wrong).to.deep.equal([])
  })

  it('keeps closed doors closed', () => {
    expect(ours().filter(({ from, to }) => closed[room(from)]?.includes(room(to)))).to.deep.equal([])
  })

  it('has no circle', () => {
    const next = new Map<string, string[]>()
    for (const { from, to } of ours()) next.set(from, [...(next.get(from) ?? []), to])
    const done = new Set<string>()
    const circles: string[] = []
    const walk = (file: string, trail: string[]) => {
      if (trail.includes(file)) return void circles.push([...trail.slice(trail.indexOf(file)), file].join(' → '))
      if (done.has(file)) return
      for (const target of next.get(file) ?? []) walk(target, [...trail, file])
      done.add(file)
    }
    for (const file of sources()) walk(file, [])
    expect(circles).to.deep.equal([])
  })

  it('keeps each library behind its door', () => {
    const wrong = sources().flatMap((file) =>
      importsOf(file)
        .filter(({ specifier }) => {
          const name = specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/')
          return doors[name] !== undefined && doors[name] !== room(file)
        })
        .map(({ line }) => `${file}: ${line}`),
    )
    expect(wrong).to.deep.equal([])
  })

  it('reads the environment only in config', () => {
    const readers = sources().filter(
      (file) => room(file) !== 'config' && /process\.env\b/.test(readFileSync(join(lib, file), 'utf8')),
    )
    expect(readers).to.deep.equal([])
  })

  it('loads for the first frame the screen, its configuration, and nothing that a session needs', () => {
    const imports = ours()
    const loaded = new Set<string>()
    const load = (file: string) => {
      if (loaded.has(file)) return
      loaded.add(file)
      for (const { from, to, line } of imports) if (from === file && !isLater(line)) load(to)
    }
    load('main.ts')
    load('cli/screen.ts')
    const surplus = [...loaded].filter((file) => !['main.ts', 'cli', 'config', 'core', 'tui'].includes(room(file)))
    expect(surplus.toSorted()).to.deep.equal(['agent/answerers.ts', 'workspace/name.ts'])
    expect([...loaded])
      .to.not.include.members(['tui/views.ts'])
      .and.not.include.members(['tui/format/markdown.ts'])
  })
})

/** True for types, which are gone when the program runs, and for what is loaded when it is called for. */
function isLater(line: string): boolean {
  if (/^(?:import|export) type\b/.test(line) || /\bimport\(/.test(line)) return true
  const names = /\{([^}]*)\}/
    .exec(line)?.[1]
    ?.split(',')
    .filter((name) => name.trim() !== '')
  return names !== undefined && names.every((name) => name.trim().startsWith('type '))
}
