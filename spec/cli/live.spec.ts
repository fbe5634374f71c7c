import { expect } from 'chai'
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Change } from '../../lib/core/changes.ts'
import { type Place, eventsOf, makePlace, startAgent } from '../support/agent.ts'
import { type ModelServer, startModelServer } from '../support/model-server.ts'
import { embeddedOrSkip } from '../support/sandbox.ts'

/** Commands of the model's, one after the other. Each waits for what the person does meanwhile. */
const commands = [
  'sed -i s/one/ONE/ merged.txt; echo agent > clash.txt; cat saved.txt',
  'echo ready; while [ "$(cat saved.txt)" != saved ]; do sleep 0.02; done; cat saved.txt merged.txt clash.txt',
]

describe('a project that lives while a session runs', () => {
  let place: Place
  let project: string
  let server: ModelServer

  before(async function () {
    await embeddedOrSkip(this)
    const turns = commands.map((command) => ({ calls: [{ name: 'shell', arguments: { command } }] }))
    server = await startModelServer({ turns: [...turns, { text: 'Done.' }] })
    place = makePlace({ OPENAI_API_KEY: 'key-of-a-spec', OPENAI_BASE_URL: server.url })
    place.write('.config/drydock/config.toml', '[sandbox]\nbackend = "embedded"\n')
    project = place.project({ 'saved.txt': 'old\n', 'merged.txt': 'one\n2\n3\ntwo\n', 'clash.txt': 'one\n' })
  })
  after(async () => {
    await server?.close()
    place?.dispose()
  })

  /** As an editor does. */
  function save(path: string, content: string): void {
    writeFileSync(join(project, `.${path}.swp`), content)
    renameSync(join(project, `.${path}.swp`), join(project, path))
  }

  it('is what the shell of the session sees, merged with what the agent did, or marked at once', async function () {
    this.timeout(120_000)
    const agent = startAgent(['run', '--json', '--model', 'openai/spec', 'wait for me'], {
      cwd: project,
      env: place.env,
    })
    await agent.saw('"text":"ready')
    save('clash.txt', 'person\n')
    save('merged.txt', 'one\n2\n3\nTWO\n')
    await agent.saw('"conflict":')
    save('saved.txt', 'saved\n')
    const ended = await agent.ended
    expect(ended, ended.stderr).to.include({ code: 0 })
    const events = eventsOf(ended.stdout)
    const said = events.flatMap(({ event, data }) => (event === 'tool.ended' ? [data['text'] as string] : []))
    expect(said[1]).to.include('ready\nsaved\nONE\n2\n3\nTWO\nagent\n')
    const told = events.flatMap(({ event, data }) =>
      event === 'workspace.changed' ? [data['changes'] as Change[]] : [],
    )
    expect(told.at(-1)!.map(({ path, drifted, conflict }) => [path, drifted, conflict])).to.deep.equal([
      ['clash.txt', true, 'Both sides changed it in the same place, or it is not text.'],
      ['merged.txt', false, undefined],
    ])
    expect(readFileSync(join(project, 'clash.txt'), 'utf8')).to.equal('person\n')
  })
})
