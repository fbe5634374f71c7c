import { expect } from 'chai'
import { Failure } from '../../lib/core/failure.ts'
import { createTools } from '../../lib/tools/create.ts'
import { createRegistry } from '../../lib/tools/registry.ts'
import type { Tool, ToolContext } from '../../lib/tools/tool.ts'
import { wordsFolder } from './bench.ts'
import { contextOn, LocalSandbox } from './local-sandbox.ts'

const limits = { outputBytes: 1000, commandSeconds: 10, ignore: [] }

function toolThat(execute: (args: unknown, context: ToolContext) => Promise<never>): Tool<unknown> {
  const schema = { type: 'object', properties: {}, additionalProperties: false }
  return { name: 'odd', description: 'Odd.', schema, risk: () => 'read', summary: () => 'x', execute }
}

async function thrown(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => undefined,
    (error: unknown) => error,
  )
}

describe('tools: registry', () => {
  const registry = createRegistry(createTools(limits, wordsFolder))

  async function refusal(name: string, args: string): Promise<string> {
    const call = await registry.prepare({ name, arguments: args })
    expect(call.ok).to.equal(false)
    return call.ok ? '' : call.result.text
  }

  it('describes every tool with its words and an object schema', () => {
    const described = registry.describe()
    expect(described.map(({ name }) => name)).to.deep.equal([
      'read',
      'list',
      'search',
      'edit',
      'write',
      'delete',
      'shell',
      'plan',
    ])
    for (const { description, schema } of described) {
      expect(description.length).to.be.greaterThan(50)
      expect(schema).to.include({ type: 'object', additionalProperties: false })
    }
  })

  it('refuses two tools of one name', () => {
    const odd = toolThat(() => Promise.reject(new Error('unused')))
    expect(() => createRegistry([odd, odd])).to.throw(Failure, 'same name')
  })

  it('prepares a call with its risk and its one line', async () => {
    const call = await registry.prepare({ name: 'shell', arguments: '{"command":"echo a\\n\\n  rm -rf x"}' })
    expect(call).to.include({ ok: true, risk: 'run', summary: 'echo a ⏎ rm -rf x' })
  })

  const risks: [string, object, string][] = [
    ['read', { path: 'src/a.ts' }, 'read'],
    ['search', { pattern: 'x' }, 'read'],
    ['list', {}, 'read'],
    ['write', { path: 'a', content: '' }, 'write'],
    ['edit', { path: 'a', old: 'a', new: 'b' }, 'write'],
    ['delete', { path: 'a' }, 'write'],
    ['shell', { command: 'ls' }, 'run'],
  ]
  for (const [name, args, risk] of risks) {
    it(`gives ${name} ${JSON.stringify(args)} the risk ${risk}`, async () => {
      expect(await registry.prepare({ name, arguments: JSON.stringify(args) })).to.include({ ok: true, risk })
    })
  }

  const mended: [string, string, string, object][] = [
    ['a number as text', 'read', '{"path":"a","offset":"12"}', { path: 'a', offset: 12 }],
    ['null for what may be absent', 'read', '{"path":"a","limit":null}', { path: 'a' }],
    ['a truth value as text', 'delete', '{"path":"a","recursive":"True"}', { path: 'a', recursive: true }],
    ['a text as number', 'search', '{"pattern":42}', { pattern: '42' }],
    [
      'a list as text',
      'edit',
      '{"path":"a","edits":"[{\\"old\\":\\"a\\",\\"new\\":\\"b\\"}]"}',
      { path: 'a', edits: [{ old: 'a', new: 'b' }] },
    ],
    ['JSON in JSON', 'read', '"{\\"path\\":\\"a\\"}"', { path: 'a' }],
    ['nothing at all', 'list', '', {}],
  ]
  for (const [what, name, text, args] of mended) {
    it(`accepts ${what}`, async () => {
      const call = await registry.prepare({ name, arguments: text })
      expect(call.ok && call.args).to.deep.equal(args)
    })
  }

  const refused: [string, string, string][] = [
    ['read', '{}', 'read: The argument "path" is missing.'],
    ['read', '{"path":7,"offset":0}', 'read: "offset" must be at least 1, not 0.'],
    ['read', '{"path":{"a":1}}', 'read: "path" must be text, not an object.'],
    ['read', '{"path":"a","offset":"ten"}', 'read: "offset" must be a whole number, not the text "ten".'],
    ['read', '{"path":"a","offset":1.5}', 'read: "offset" must be a whole number, not 1.5.'],
    ['read', '{"path":null}', 'read: "path" must be text, not null.'],
    [
      'read',
      '{"path":"a","ofset":1}',
      'read: There is no argument "ofset"; did you mean "offset"? it takes path, offset, limit.',
    ],
    ['edit', '{"path":"a","edits":[]}', 'edit: "edits" must not be empty.'],
    ['edit', '{"path":"a","edits":[{"old":"x"}]}', 'edit: The argument "edits[0].new" is missing.'],
    ['write', '[1]', 'write: the arguments must be one JSON object, not a list.'],
    ['write', 'null', 'write: the arguments must be one JSON object, not null.'],
    ['list', '{"__proto__":{"path":"x"}}', 'list: There is no argument "__proto__"; it takes path, depth.'],
  ]
  for (const [name, args, sentence] of refused) {
    it(`says of ${name} ${args}: ${sentence}`, async () => {
      expect(await refusal(name, args)).to.equal(sentence)
    })
  }

  it('says of arguments that are no JSON what is wrong, and what to do', async () => {
    const text = await refusal('write', '{"path":"a","content":"half a li')
    expect(text).to.match(/^write: the arguments are not valid JSON \(.+\)\. Call it again with one JSON object/)
  })

  it('names the tools, and the nearest, for a name that is none of them', async () => {
    expect(await refusal('serch', '{}')).to.equal(
      'There is no tool "serch". Did you mean search? The tools are: read, list, search, edit, write, delete, shell, plan.',
    )
    expect(await refusal('x'.repeat(1_000_000), '{}')).to.have.length.lessThan(300)
  })

  it('keeps a hostile value short in what it says', async () => {
    expect(await refusal('read', JSON.stringify({ path: 'a', offset: 'x'.repeat(1_000_000) }))).to.have.length.lessThan(
      200,
    )
  })

  describe('running', () => {
    const sandbox = new LocalSandbox()
    after(() => sandbox.dispose())

    async function run(tool: Tool<unknown>, context = contextOn(sandbox, sandbox.root)) {
      const odd = createRegistry([tool])
      const call = await odd.prepare({ name: 'odd', arguments: '{}' })
      if (!call.ok) throw new Error(call.result.text)
      return odd.run(call, context)
    }

    it('turns a Failure into a result', async () => {
      const result = await run(toolThat(() => Promise.reject(new Failure('disk', 'The disk is full.'))))
      expect(result).to.deep.equal({ ok: false, text: 'The disk is full.', summary: 'no space' })
    })

    it('lets a defect pass', async () => {
      const defect = new TypeError('of ours')
      expect(await thrown(run(toolThat(() => Promise.reject(defect))))).to.equal(defect)
    })

    it('throws the reason of an abort, whatever the tool threw', async () => {
      const context = contextOn(sandbox, sandbox.root)
      const reason = new Error('escape')
      const tool = toolThat(() => {
        context.controller.abort(reason)
        return Promise.reject(new Failure('sandbox', 'It broke off.'))
      })
      expect(await thrown(run(tool, context))).to.equal(reason)
      expect(await thrown(run(tool, context))).to.equal(reason)
    })

    it('gives no lone surrogate to a service', async () => {
      const result = await run(toolThat(() => Promise.reject(new Failure('missing', 'There is no a\udcffb.'))))
      expect(result.text).to.equal('There is no a\ufffdb.')
    })
  })
})
