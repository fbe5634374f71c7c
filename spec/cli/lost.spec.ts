import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { eventsOf, makePlace, runAgent, startAgent } from '../support/agent.ts'
import { startModelServer } from '../support/model-server.ts'
import { type EngineAndImage, embeddedOrSkip, engineOrSkip } from '../support/sandbox.ts'
import { killSandboxes } from '../support/struck.ts'

const command = `printf 'half of it' > a.txt; echo written; sleep 60; printf 'all of it' > a.txt`

for (const backend of ['container', 'embedded'] as const)
  describe(`A sandbox that goes away under a command: ${backend}`, function () {
    this.timeout(60_000)
    let found: EngineAndImage | undefined

    before(async function () {
      if (backend === 'container') found = await engineOrSkip(this)
      else await embeddedOrSkip(this)
    })

    it('leaves what the command had half done for review, also where all is applied by itself', async () => {
      const turns = [{ calls: [{ name: 'shell', arguments: { command } }] }, { text: 'done' }]
      const server = await startModelServer({ turns })
      const place = makePlace({ OPENAI_API_KEY: 'key-of-a-spec', OPENAI_BASE_URL: server.url })
      place.write('.config/drydock/config.toml', `[sandbox]\nbackend = "${backend}"\n`)
      const options = { cwd: place.project({ 'a.txt': 'old' }), env: place.env }
      try {
        const agent = startAgent(['run', '--json', '--apply', '--model', 'openai/spec', 'x'], options)
        await agent.saw('"written')
        await killSandboxes(agent.child.pid!, found)
        const { code, stdout } = await agent.ended
        const [told] = eventsOf(stdout).filter(({ event }) => event === 'turn.ended')
        expect(told!.data.end).to.equal('failed')
        expect(told!.data.failure).to.have.property('code', 'sandbox')
        expect((told!.data.failure as { message: string }).message).to.match(/^Nothing was applied: the sandbox went/)
        expect(code).to.equal(1)
        expect(readFileSync(join(options.cwd, 'a.txt'), 'utf8')).to.equal('old')
        expect((await runAgent(['diff'], options)).stdout).to.include('+half of it')
      } finally {
        await server.close()
        place.dispose()
      }
    })
  })
