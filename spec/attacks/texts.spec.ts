import { expect } from 'chai'
import { Redactor } from '../../lib/core/redact.ts'
import { installHints } from '../../lib/core/install.ts'
import { readDevcontainer } from '../../lib/config/devcontainer.ts'
import { OpenaiReader } from '../../lib/llm/providers/openai-reader.ts'
import { plain } from '../../lib/llm/service-error.ts'
import { languagesIn, toolchainsFor } from '../../lib/sandbox/languages.ts'
import { versionFiles } from '../../lib/sandbox/version-files.ts'
import { similarTo } from '../../lib/tools/similar.ts'
import { TerminalText } from '../../lib/tools/terminal-text.ts'
import { createTools } from '../../lib/tools/create.ts'
import { createRegistry } from '../../lib/tools/registry.ts'
import { Blocks } from '../../lib/tui/format/blocks.ts'
import { languageOfFile } from '../../lib/tui/format/languages.ts'
import { markdown } from '../../lib/tui/format/markdown.ts'
import { harmless } from '../../lib/tui/harmless.ts'
import { visibleText } from '../../lib/cli/unified.ts'
import { mergeLines } from '../../lib/workspace/lines.ts'
import { parseConfig } from '../../lib/workspace/git/config.ts'
import { repositoriesOf } from '../../lib/workspace/git/repository.ts'
import { isRefName } from '../../lib/workspace/git/refs.ts'
import { Secrets } from '../../lib/workspace/secrets.ts'
import { sensitivity } from '../../lib/workspace/sensitive.ts'
import { Folder } from '../support/folder.ts'
import { wordsFolder } from '../tools/bench.ts'

/** Characters of a text: of what takes its square the time would be minutes. */
const size = 50_000

/** Milliseconds that any of them may take; each takes few, and a slow machine several times that. */
const patienceMs = 1500

/** Texts that patterns are known to come back to again and again. */
const shapes: Record<string, string> = {
  spaces: `a${' '.repeat(size)}b`,
  tabs: `a${'\t'.repeat(size)}b`,
  'line ends': `a${'\n'.repeat(size)}b`,
  'returns and line ends': `a${'\r\n'.repeat(size / 2)}b`,
  'spaces and line ends': `a${' \n'.repeat(size / 2)}b`,
  digits: `a${'1'.repeat(size)}b`,
  'the same line': `${'x\n'.repeat(size / 2)}y`,
  backslashes: `[a]\nb = ${'\\'.repeat(size)}c`,
  slashes: `a${'/'.repeat(size)}b`,
  fences: `${'`'.repeat(3)}${'a'.repeat(size)}\`b\n`,
  backticks: `${'`'.repeat(size)}a`,
  brackets: '['.repeat(size),
  stars: '*a '.repeat(size / 3),
  quotes: '> '.repeat(size / 2),
  escapes: '\x1b['.repeat(size / 2),
  keys: `${'-----BEGIN '.repeat(size / 11)}password`,
  'no key': `password${'\n'.repeat(size)}password${' '.repeat(size / 2)}x`,
  addresses: `${'https://a:'.repeat(size / 10)}@`,
}

const registry = createRegistry(createTools({ outputBytes: 4000, commandSeconds: 20, ignore: [] }, wordsFolder))

/** Whatever reads what a model, a service, a project or the work has written. */
const readers: Record<string, (text: string) => unknown> = {
  "a call's arguments": async (text) => {
    for (const [name, args] of [
      ['shell', { command: text }],
      ['read', { path: text }],
      ['search', { pattern: text, glob: text }],
      ['edit', { path: 'a', edits: [{ old: text, new: text }] }],
      [text, {}],
      ['read', { [text]: text }],
    ] as const)
      await registry.prepare({ name, arguments: JSON.stringify(args) })
    await registry.prepare({ name: 'read', arguments: text })
  },
  'an edit that does not fit': (text) => similarTo(`${'x\n'.repeat(50_000)}`, text) + similarTo(text, 'a\nb'),
  "a service's error": (text) => plain(text),
  'an answer to be shown': (text) => {
    const blocks = new Blocks()
    blocks.push(text)
    for (let index = 0; index < blocks.count; index += 1) markdown(harmless(blocks.at(index).lines.join('\n')), 80)
  },
  'what a command prints': (text) => new TerminalText().push(text) + harmless(text) + visibleText(text),
  'what is kept in logs': (text) => new Redactor().text(text),
  'a configuration of git': (text) => parseConfig(Buffer.from(text)),
  'a name': (text) => [isRefName(text), sensitivity(text), languageOfFile(text), installHints([text])],
  'files that name versions': (text) => {
    for (const kinds of Object.values(versionFiles))
      for (const [, read] of kinds) {
        try {
          read(text)
        } catch {
          // A file that is none of its kind.
        }
      }
  },
  'a devcontainer.json': (text) => readDevcontainer('.devcontainer.json', text),
  'a merge': (text) => mergeLines(Buffer.from(`${text}\na`), Buffer.from(text), Buffer.from(`b\n${text}`)),
}

describe('attacks by texts', function () {
  this.timeout(120_000)
  const folder = new Folder()

  for (const [what, read] of Object.entries(readers))
    it(`that keep us busy for ever: ${what}`, async () => {
      const slow: string[] = []
      for (const [shape, text] of Object.entries(shapes)) {
        const began = performance.now()
        await read(text)
        const ms = Math.round(performance.now() - began)
        if (ms > patienceMs) slow.push(`${shape}: ${ms} ms`)
      }
      expect(slow).to.deep.equal([])
    })

  it('that keep us busy for ever: files of a project that is opened', async () => {
    const names = ['.pypirc', '.npmrc', '.yarnrc.yml', 'pip.conf', 'a.pem', '.gitconfig']
    for (const [shape, text] of Object.entries(shapes)) {
      for (const name of names) folder.write(`${shape}/${name}`, text)
      folder.write(`${shape}/.git`, `gitdir: ${text}`)
      const began = performance.now()
      const project = folder.at(shape)
      const secrets = new Secrets(project)
      for (const name of names) secrets.isSecret(name)
      await repositoriesOf(project).catch(() => undefined)
      expect(performance.now() - began, `${shape}, ms`).to.be.lessThan(patienceMs)
    }
  })

  it('that are names which every object has', async () => {
    for (const name of ['constructor', '__proto__', 'toString', 'hasOwnProperty']) {
      expect(installHints([`a/${name}`]), name).to.deep.equal([])
      expect(languageOfFile(name), name).to.equal(undefined)
      const read = (path: string) => (path === '.nvmrc' ? name : undefined)
      const found = languagesIn({ folders: () => [], names: () => ['package.json'], read })
      expect(toolchainsFor(found), name).to.deep.equal([{ language: 'node' }])
      const reader = new OpenaiReader({ name: 'spec', keyHint: '', redact: (text) => text })
      reader.push(JSON.stringify({ choices: [{ delta: { content: 'x' }, finish_reason: name }] }))
      expect(reader.end(), name).to.deep.equal([{ type: 'stop', reason: 'end' }])
      const prepared = await registry.prepare({ name, arguments: `{"${name}": {"path": "x"}}` })
      expect(prepared, name).to.have.property('ok', false)
    }
  })
})
