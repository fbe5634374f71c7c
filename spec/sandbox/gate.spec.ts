import { expect } from 'chai'
import { Failure } from '../../lib/core/failure.ts'
import type { GateAnswer } from '../../lib/sandbox/gate.ts'
import { targetOf } from '../../lib/sandbox/target.ts'
import { Rules } from '../support/network.ts'

/** Answers nothing, and gives up when it is told to. */
const never = (_: string, signal: AbortSignal) =>
  new Promise<never>((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)))

const decide = async (rules: Rules, name: string) => {
  const { allowed, by, reason } = await rules.gate.decide(targetOf(name)!)
  return `${allowed} ${by}${reason === undefined ? '' : `: ${reason}`}`
}
const answering = (answer: GateAnswer) => {
  const rules = new Rules()
  rules.answer = async () => answer
  return rules
}

describe('the gate', () => {
  it('lets what the configuration lists through, by name and port', async () => {
    const rules = new Rules()
    rules.allow = ['a.example:443', '*.b.example:80']
    const names = ['a.example:443', 'a.example:80', 'x.b.example:80', 'b.example:80']
    expect(await Promise.all(names.map((name) => decide(rules, name)))).to.deep.equal([
      'true config',
      'false no: the person said no',
      'true config',
      'false no: the person said no',
    ])
    expect(rules.asked).to.deep.equal(['a.example:80', 'b.example:80'])
  })

  it('asks nothing where the policy has decided, and holds a deny against every list', async () => {
    const rules = new Rules()
    rules.allow = rules.project = ['a.example:443']
    rules.verdict = 'deny'
    expect(await decide(rules, 'a.example:443')).to.equal(
      'false policy: the policy denies it (policy.network = "deny")',
    )
    rules.verdict = 'allow'
    expect(await decide(rules, 'b.example:443')).to.equal('true policy')
    expect(rules.asked).to.deep.equal([])
  })

  it('refuses every address, whatever is allowed', async () => {
    const rules = answering('session')
    rules.allow = ['8.8.8.8:53']
    for (const verdict of ['ask', 'allow'] as const) {
      rules.verdict = verdict
      for (const address of ['8.8.8.8:53', '[2606:4700::1]:443', '0x7f000001:80'])
        expect(await decide(rules, address)).to.equal('false address: addresses are never allowed, ask for a name')
    }
    expect(rules.asked).to.deep.equal([])
  })

  it('asks once for all that want the same, and they wait for the one answer', async () => {
    const rules = new Rules()
    let say!: (answer: GateAnswer) => void
    rules.answer = () => new Promise((resolve) => (say = resolve))
    const waiting = [1, 2, 3].map(() => decide(rules, 'a.example:443'))
    expect(rules.asked).to.deep.equal(['a.example:443'])
    say('once')
    expect(await Promise.all(waiting)).to.deep.equal(['true once', 'true once', 'true once'])
  })

  const remembered: [GateAnswer, string, number][] = [
    ['once', 'true once', 2],
    ['no', 'false no: the person said no', 2],
    ['session', 'true session', 1],
  ]
  for (const [answer, decision, asked] of remembered)
    it(`keeps a ${answer} until ${asked === 1 ? 'the end' : 'it is told to forget'}`, async () => {
      const rules = answering(answer)
      expect(await decide(rules, 'a.example:443')).to.equal(decision)
      expect(await decide(rules, 'a.example:443')).to.equal(decision)
      expect(rules.asked.length).to.equal(1)
      rules.gate.forget()
      expect(await decide(rules, 'a.example:443')).to.equal(decision)
      expect(rules.asked.length).to.equal(asked)
    })

  it('looks up what the project was allowed each time', async () => {
    const rules = answering('no')
    rules.project = ['a.example:443']
    expect(await decide(rules, 'a.example:443')).to.equal('true project')
    rules.project = []
    expect(await decide(rules, 'a.example:443')).to.equal('false no: the person said no')
  })

  it('waits only so long, and asks again the next time', async () => {
    const rules = new Rules({ patienceMs: 20 })
    rules.answer = never
    for (const _ of [1, 2])
      expect(await decide(rules, 'a.example:443')).to.equal('false unanswered: nobody answered in time')
    expect(rules.asked.length).to.equal(2)
  })

  it('withdraws its questions when it is told to forget', async () => {
    const rules = new Rules()
    rules.answer = never
    const waiting = decide(rules, 'a.example:443')
    rules.gate.forget()
    expect(await waiting).to.equal('false unanswered: nobody answered in time')
  })

  it('has a limited number of questions open', async () => {
    const rules = new Rules()
    rules.answer = never
    for (let i = 0; i < 8; i++) void decide(rules, `a${i}.example:443`)
    expect(await decide(rules, 'b.example:443')).to.equal('false unanswered: too many names wait for an answer')
    expect(rules.asked.length).to.equal(8)
    rules.gate.forget()
  })

  it('asks about a limited number of names until it is told to forget', async () => {
    const rules = answering('once')
    for (let i = 0; i < 64; i++) expect(await decide(rules, `a${i}.example:443`)).to.equal('true once')
    expect(await decide(rules, 'b.example:443')).to.equal('false unanswered: too many names were tried')
    expect(await decide(rules, 'a0.example:443')).to.equal('true once')
    rules.gate.forget()
    expect(await decide(rules, 'b.example:443')).to.equal('true once')
  })

  it('says why where nobody can be asked, and hands on what else went wrong', async () => {
    const rules = new Rules()
    rules.answer = () => Promise.reject(new Failure('denied', 'Nobody is here.'))
    expect(await decide(rules, 'a.example:443')).to.equal('false no: Nobody is here.')
    rules.answer = () => Promise.reject(new Failure('disk', 'The disk is full.'))
    const failure = await decide(rules, 'b.example:443').catch((error: unknown) => error)
    expect((failure as Failure).code).to.equal('disk')
  })
})
