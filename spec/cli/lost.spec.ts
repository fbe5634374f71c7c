import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import type { Failure } from '../../lib/core/failure.ts'
import { eventsOf, makePlace, runAgent, startAgent } from '../support/agent.ts'
import { startModelServer } from '../support/model-server.ts'
import { type EngineAndImage, embeddedOrSkip, engineOrSkip } from '../support/sandbox.ts'
import { killSandboxes } from '../support/struck.ts'

const command = `printf 'half of it' > a.txt; echo written; sleep 60; printf 'all of it' > a.txt`

const failureIn = (stdout: string) =>
  eventsOf(stdout).find(({ event }) => event === 'turn.ended')!.data.failure as Failure

for (const backend of ['container', 'embedded'] as const)
  describe(`A sandbox that goes away under a command: ${backend}`, function () {
    this.timeout(60_000)
    let found: EngineAndImage | undefined

    before(async function () {
      if (backend === 'container') found = await engineOrSkip(this)
      else await embeddedOrSkip(this)
    })

    for (const victim of ['its sandbox', 'the agent'] as const)
      it(`leaves what a command had half done for review, also where all is applied by itself: ${victim} killed`, async () => {
        const more = { name: 'write', arguments: { path: 'b.txt', content: 'whole' } }
        const server = await startModelServer({
          respond: ({ body }) => {
            const asked = body.messages.findLast(({ role }: { role: string }) => role === 'user').content
            const done = body.messages.at(-1).role === 'tool'
            if (done) return { text: 'done' }
            return { calls: [/first/.test(JSON.stringify(asked)) ? { name: 'shell', arguments: { command } } : more] }
          },
        })
        const place = makePlace({ OPENAI_API_KEY: 'key-of-a-spec', OPENAI_BASE_URL: server.url })
        place.write('.config/drydock/config.toml', `[sandbox]\nbackend = "${backend}"\n`)
        const options = { cwd: place.project({ 'a.txt': 'old' }), env: place.env }
        const run = (...words: string[]) =>
          runAgent(['run', '--json', '--apply', '--model', 'openai/spec', ...words], options)
        const inProject = () => readdirSync(options.cwd).map((name) => readFileSync(join(options.cwd, name), 'utf8'))
        try {
          const agent = startAgent(['run', '--json', '--apply', '--model', 'openai/spec', 'first'], options)
          await agent.saw('"written')
          if (victim === 'the agent') agent.child.kill('SIGKILL')
          else await killSandboxes(agent.child.pid!, found)
          const { code, stdout } = await agent.ended
          if (victim === 'its sandbox') {
            expect(code).to.equal(1)
            expect(failureIn(stdout)).to.have.property('code', 'sandbox')
            expect(failureIn(stdout).message).to.match(/^Nothing was applied: the sandbox went/)
          }
          const next = await run(...(victim === 'the agent' ? ['another session'] : ['--continue', 'go on']))
          expect(next.code, next.stdout + next.stderr).to.equal(1)
          expect(failureIn(next.stdout).message).to.match(/^Nothing was applied: an earlier session ended while/)
          expect(inProject()).to.deep.equal(['old'])
          expect((await runAgent(['apply', 'b.txt'], options)).stderr).to.equal('applied b.txt\n')
          expect((await runAgent(['discard', '--yes'], options)).stderr).to.include('M a.txt')
          expect((await run('once more')).code).to.equal(0)
          expect(inProject()).to.deep.equal(['old', 'whole'])
        } finally {
          await server.close()
          place.dispose()
        }
      })
  })
