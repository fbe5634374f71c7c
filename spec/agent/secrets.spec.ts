import { expect } from 'chai'
import type { Answer } from '../../lib/core/events.ts'
import type { Tool } from '../../lib/tools/tool.ts'
import { allowAll, callsFor, rig, says, tool, type Rig, type RigOptions } from './rig.ts'

const read: Tool<unknown> = {
  ...tool('read', 'read', async (_args, { workspace }) => {
    const text = workspace.masked('.env') ? 'masked' : 'TOKEN=hunter2'
    return { ok: true, text, summary: '' }
  }),
  path: (args) => (args as { path: string }).path,
}

/** Two turns that read a masked file each. */
function reading(options: RigOptions = {}): Rig {
  const paths = ['.env', './a/../.env']
  const answers = paths.flatMap((path, index) => [callsFor([`${index}`, 'read', { path }]), says('Done.')])
  const r = rig({ tools: [read], answers, ...options })
  r.workspace.masks.add('.env')
  return r
}

async function turn(r: Rig, said?: Answer): Promise<string> {
  const ended = r.prompt('go')
  if (said !== undefined) {
    const { id } = await r.until('approval.asked')
    r.bus.emit('approval.answer', { id, answer: said })
  }
  await ended
  return r.of('tool.ended').at(-1)!.text
}

const seen = 'TOKEN=hunter2'
const refused = (why: string) => `This call was not run: ${why} Go on without it, or ask what to do instead.`

describe('a masked secret', () => {
  const cases: [Answer, string, string[], boolean][] = [
    ['once', seen, ['show .env', 'hide .env', 'checkpoint'], true],
    ['session', seen, ['show .env', 'checkpoint'], false],
    ['project', seen, ['keep .env', 'show .env', 'checkpoint'], false],
    ['no', refused('the person said no.'), [], true],
  ]
  for (const [said, text, acts, again] of cases) {
    it(`is asked for by its path, and after "${said}" ${again ? 'again' : 'no more'}`, async () => {
      const r = reading()
      expect(await turn(r, said)).to.equal(text)
      expect(r.workspace.acts).to.deep.equal(acts)
      expect(await turn(r, again ? said : undefined)).to.equal(text)
      const asked = r.of('approval.asked').map(({ kind, title }) => [kind, title])
      const question = ['secrets', 'Show .env in the sandbox?']
      expect(asked).to.deep.equal(again ? [question, question] : [question])
    })
  }

  it('is shown without a question where the policy allows it, and never where it denies it', async () => {
    const allowing = reading({ policy: () => ({ ...allowAll, secrets: 'allow' }) })
    expect(await turn(allowing)).to.equal(seen)
    const denying = reading({ policy: () => ({ ...allowAll, secrets: 'deny' }) })
    expect(await turn(denying)).to.equal(refused('the policy denies it (policy.secrets = "deny").'))
    expect(denying.workspace.acts).to.deep.equal([])
  })
})
