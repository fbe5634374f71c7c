import { expect } from 'chai'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Place, makePlace, runAgent, treeOf } from '../support/agent.ts'
import { type ModelServer, type ModelServerOptions, startModelServer } from '../support/model-server.ts'
import { engineOrSkip } from '../support/sandbox.ts'

describe('agent checkpoints and agent undo', () => {
  let place: Place
  let project: string
  let server: ModelServer
  const served: ModelServerOptions = { turns: [] }

  before(async function () {
    await engineOrSkip(this)
    server = await startModelServer(served)
    place = makePlace({ OPENAI_API_KEY: 'key-of-a-spec', OPENAI_BASE_URL: server.url })
    project = place.project({ 'a.txt': 'one\n' })
  })
  after(async () => {
    await server?.close()
    place?.dispose()
  })

  const agent = (...args: string[]) => runAgent(args, { cwd: project, env: place.env })
  const turn = async (command: string, ...flags: string[]) => {
    served.turns = [{ calls: [{ name: 'shell', arguments: { command } }] }, { text: 'Done.' }]
    server.requests.length = 0
    const ended = await agent('run', '--model', 'openai/spec', ...flags, command)
    expect(ended, ended.stderr).to.include({ code: 0 })
  }

  it('take back what a command did and what was applied, and bring it again', async function () {
    this.timeout(120_000)
    const none = await agent('checkpoints')
    expect(none.stderr).to.equal('There are no checkpoints: no turn has changed anything yet.\n')
    const before = treeOf(project)
    await turn('echo two > a.txt; mkdir made; echo n > made/n.txt', '--apply')
    const applied = treeOf(project)
    expect(applied).to.not.deep.equal(before)

    const list = await agent('checkpoints')
    expect(list.stdout.replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d/g, 'DATE').split('\n')).to.deep.equal([
      '     0  before the first turn',
      '*    1  DATE  turn 1: echo two > a.txt; mkdir made; echo n > made/n.txt',
      '',
    ])
    const asked = await agent('undo')
    const files = ['a.txt', 'made/n.txt'].flatMap((path) => [`workspace  ${path}`, `project    ${path}`]).toSorted()
    expect(asked.code).to.equal(4)
    expect(asked.stderr.split('\n').slice(0, 4).toSorted()).to.deep.equal(files)
    expect(treeOf(project), 'nothing before the yes').to.deep.equal(applied)

    const undone = await agent('undo', '--yes')
    expect(undone, undone.stderr).to.include({ code: 0 })
    expect(treeOf(project)).to.deep.equal(before)
    expect((await agent('diff')).stdout).to.equal('')
    expect((await agent('undo', '1', '--yes')).code).to.equal(0)
    expect(treeOf(project)).to.deep.equal(applied)
    expect(readFileSync(join(project, 'a.txt'), 'utf8')).to.equal('two\n')
    const wrong = await agent('undo', '7')
    expect(wrong).to.include({ code: 1, stderr: 'There is no checkpoint 7: see `agent checkpoints`.\n' })
  })
})
