import { expect } from 'chai'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createTools } from '../../lib/tools/create.ts'
import { createRegistry } from '../../lib/tools/registry.ts'
import type { ToolResult } from '../../lib/tools/tool.ts'
import { treeOf } from '../support/agent.ts'
import { besiege } from '../support/siege.ts'
import { secret } from '../support/victim.ts'
import { wordsFolder } from '../tools/bench.ts'
import { contextOn } from '../tools/local-sandbox.ts'

const registry = createRegistry(createTools({ outputBytes: 4000, commandSeconds: 20, ignore: [] }, wordsFolder))

/** Every tool with everything in it that names a file. */
const uses: [tool: string, args: (path: string) => object][] = [
  ['read', (path) => ({ path })],
  ['list', (path) => ({ path, depth: 3 })],
  ['search', (path) => ({ pattern: 'canary', path })],
  ['search', (path) => ({ pattern: 'canary', glob: path })],
  ['edit', (path) => ({ path, old: 'canary', new: 'x' })],
  ['write', (path) => ({ path, content: 'x\n' })],
  ['delete', (path) => ({ path, recursive: true })],
  [
    'shell',
    (path) => ({ command: `cat -- ${quoted(path)}; echo x 2>&1 > ${quoted(path)}; rm -rf -- ${quoted(path)}` }),
  ],
]

/** A glob names no place, a command anything at all: of both only what came of them counts. */
const namesAPlace = (tool: string, args: object) => tool !== 'shell' && !('glob' in args)

const quoted = (path: string) => `'${path.replaceAll("'", "'\\''")}'`

/** Ways to write the path of a file outside. */
const outside: Record<string, (file: string) => string> = {
  'an absolute path': (file) => file,
  'a climb with ..': (file) => `${'../'.repeat(20)}${file.slice(1)}`,
  'a climb out of a folder that is there': (file) => `src/../../../../../../../..${file}`,
  'a climb out of the home': (file) => `~/../../..${file}`,
  "a climb out of the project's other place": (file) => `/project/../..${file}`,
  'the root of the first process': (file) => `/proc/1/root${file}`,
  'the root of the tool itself': (file) => `/proc/self/root${file}`,
  'the working folder of a process': (file) => `/proc/self/cwd/../../../../..${file}`,
  'slashes and dots without end': (file) => `/./././/../..//.${'/.'.repeat(500)}${file}`,
  'a NUL in the middle': (file) => `src\0${file}`,
}

/** What stands in the workspace and leads outside. */
const links: Record<string, string> = {
  'a link to it': 'link',
  'a link to its folder': 'folder/secret.txt',
  'a link to a link to it': 'links/of/links',
  'a link by way of /proc': 'proc/secret.txt',
  'a link that climbs': 'climb',
}

const planted = [
  // What was written through a link before lies inside, where the next must not find it.
  'rm -rf "$VICTIM" src links proc climb',
  'mkdir -p src links/of',
  'ln -sfn "$VICTIM/secret.txt" link',
  'ln -sfn "$VICTIM" folder',
  'ln -sfn ../../link links/of/links',
  'ln -sfn "/proc/self/root$VICTIM" proc',
  'ln -sfn "../../../../../../..$VICTIM/secret.txt" climb',
].join('; ')

besiege('by tools', {}, (siege) => {
  before(() => writeFileSync(join(siege.box.project, 'given.txt'), 'from the project\n'))

  const call = async (name: string, args: object): Promise<ToolResult> => {
    const prepared = await registry.prepare({ name, arguments: JSON.stringify(args) })
    return prepared.ok ? registry.run(prepared, contextOn(siege.box.sandbox, siege.box.project)) : prepared.result
  }

  for (const [way, pathTo] of Object.entries(outside))
    it(`${way}, in every argument of every tool`, async () => {
      const before = treeOf(siege.box.project)
      for (const [tool, argsFor] of uses) {
        const args = argsFor(pathTo(siege.victim.file))
        const result = await call(tool, args)
        // What is read may lie in /tmp, which inside is another one.
        if (namesAPlace(tool, args)) expect(result.summary, tool).to.be.oneOf(['refused', 'no such file'])
        expect(result.text, tool).to.not.include(secret)
      }
      expect(siege.victim.now()).to.deep.equal(siege.victim.untouched)
      expect(treeOf(siege.box.project)).to.deep.equal(before)
    })

  for (const [way, path] of Object.entries(links))
    it(`${way}, in every argument of every tool`, async () => {
      await siege.box.sh(planted, { env: { VICTIM: siege.victim.folder } })
      for (const [tool, argsFor] of uses) {
        const result = await call(tool, argsFor(path))
        expect(result.text, tool).to.not.include(secret)
        expect(result.text.length, tool).to.be.within(1, 1000)
      }
      expect(siege.victim.now()).to.deep.equal(siege.victim.untouched)
    })

  it('arguments that are no arguments', async () => {
    const calls: [string, string][] = [
      ['read', '{"path": ["/etc/passwd"]}'],
      ['read', '{"path": "a", "__proto__": {"ok": true}}'],
      ['write', '{"path": "x", "content": "y", "mode": 2541}'],
      ['list', '{"path": ".", "depth": 1e9}'],
      ['search', '{"pattern": "x", "limit": -1}'],
      ['shell', '{"command": "id", "cwd": "/", "network": true}'],
      ['delete', '{"path": ".", "recursive": true}'],
      ['delete', '{"path": "src/..", "recursive": true}'],
      ['exec', '{"command": "id"}'],
      ['read', `{"path": "${'x/'.repeat(100_000)}"}`],
      ['read', '{"path"'],
    ]
    for (const [name, written] of calls) {
      const prepared = await registry.prepare({ name, arguments: written })
      const result = prepared.ok
        ? await registry.run(prepared, contextOn(siege.box.sandbox, siege.box.project))
        : prepared.result
      expect(result.ok, `${name} ${written.slice(0, 60)}`).to.equal(false)
    }
  })
})
