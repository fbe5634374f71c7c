import { expect } from 'chai'
import { execFileSync } from 'node:child_process'
import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Place, makePlace, runAgent, treeOf } from './support/agent.ts'
import { type ModelServer, type ModelServerRequest, type Turn, startModelServer } from './support/model-server.ts'
import { installPackage } from './support/packages.ts'
import { engineOrSkip } from './support/sandbox.ts'

/** What `--no-x` must give; the planted bug gives the opposite. */
const right = 'setArg(key, false, arg);'
const planted = 'setArg(key, true, arg);'

/**
 * The main job, whole: the built program, a real npm package with a bug planted in it, its own tests, a real container,
 * and a model served over HTTP in the wire protocol named. What the model does next follows from what it was told.
 */
for (const protocol of ['openai', 'anthropic'] as const) {
  describe(`the main job, over the ${protocol} protocol`, () => {
    let place: Place
    let project: string
    let server: ModelServer
    const results: string[] = []

    before(async function () {
      this.timeout(120_000)
      await engineOrSkip(this)
      server = await startModelServer({ respond: (request) => nextTurn(request, protocol, results) })
      place = makePlace(
        protocol === 'openai'
          ? { OPENAI_API_KEY: 'key-of-a-spec', OPENAI_BASE_URL: server.url }
          : { ANTHROPIC_API_KEY: 'key-of-a-spec', ANTHROPIC_BASE_URL: server.url },
      )
      project = plantedMinimist(place.home)
    })
    after(async () => {
      await server?.close()
      place?.dispose()
    })

    it('finds the bug, mends it, sees the tests pass, and changes the project on apply alone', async function () {
      this.timeout(120_000)
      const before = treeOf(project)
      const prompt = ['run', '--model', `${protocol}/spec`, '--allow', 'image', 'A test of --no-flags fails. Mend it.']
      const run = await runAgent(prompt, { cwd: project, env: place.env })
      expect(run, run.stderr).to.include({ code: 0 })
      expect(run.stdout).to.contain('All tests pass again.')

      const [found, read, failing, , passing] = results
      expect(found).to.contain('index.js').and.contain(planted)
      expect(read).to.contain(planted)
      expect(failing).to.match(/not ok .*\n[^]*# fail {2}[1-9]/)
      expect(passing)
        .to.match(/# pass {2}153\n/)
        .and.not.contain('not ok')
      expect(treeOf(project), 'not one byte of the project before the apply').to.deep.equal(before)

      const diff = await runAgent(['diff'], { cwd: project, env: place.env })
      expect(diff.stdout.split('\n').filter((line) => /^[-+]/.test(line))).to.deep.equal([
        '--- a/index.js',
        '+++ b/index.js',
        `-\t\t\t${planted}`,
        `+\t\t\t${right}`,
      ])
      const copy = join(place.home, 'copy')
      cpSync(project, copy, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true })
      execFileSync('git', ['apply', '-p1'], { cwd: copy, input: diff.stdout })

      const apply = await runAgent(['apply'], { cwd: project, env: place.env })
      expect(apply, apply.stderr).to.include({ code: 0 })
      expect(treeOf(project), 'exactly the diff').to.deep.equal(treeOf(copy))
      expect((await runAgent(['diff'], { cwd: project, env: place.env })).stdout).to.equal('')
    })
  })
}

/** minimist as npm ships it, tape beside it, and the bug. */
function plantedMinimist(home: string): string {
  const project = join(home, 'minimist')
  cpSync(join(import.meta.dirname, '..', 'node_modules', 'minimist'), project, { recursive: true })
  installPackage('tape', project)
  const file = join(project, 'index.js')
  const text = readFileSync(file, 'utf8')
  expect(text.split(right)).to.have.length(2)
  writeFileSync(file, text.replace(right, planted))
  return project
}

/** The served model: looks at the result of its last call and takes the next step. */
function nextTurn(request: ModelServerRequest, protocol: string, results: string[]): Turn {
  const told = lastResult(request, protocol)
  if (told === undefined) {
    results.length = 0
    return {
      text: 'Where are the flags with --no- read?',
      calls: [{ name: 'search', arguments: { pattern: '--no-', path: 'index.js', context: 3 } }],
    }
  }
  results.push(told)
  switch (results.length) {
    case 1: {
      const line = Number(/(\d+)[^\n]*--no-/.exec(told)?.[1])
      return { calls: [{ name: 'read', arguments: { path: 'index.js', offset: line, limit: 4 } }] }
    }
    case 2:
    case 4:
      return {
        text: 'Now the tests.',
        calls: [{ name: 'shell', arguments: { command: "node_modules/.bin/tape 'test/*.js'" } }],
      }
    case 3:
      return told.includes('not ok')
        ? {
            text: 'It sets true.',
            calls: [{ name: 'edit', arguments: { path: 'index.js', old: planted, new: right } }],
          }
        : { text: 'No test fails.' }
    default:
      return { text: told.includes('not ok') ? 'Still failing.' : 'All tests pass again.' }
  }
}

function lastResult({ body }: ModelServerRequest, protocol: string): string | undefined {
  const last = body.messages.at(-1)
  if (protocol === 'openai') return last.role === 'tool' ? textOf(last.content) : undefined
  const result =
    Array.isArray(last.content) && last.content.find((part: { type: string }) => part.type === 'tool_result')
  return result ? textOf(result.content) : undefined
}

function textOf(content: string | { text?: string }[]): string {
  return typeof content === 'string' ? content : content.map(({ text = '' }) => text).join('')
}
