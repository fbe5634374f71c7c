import { expect } from 'chai'
import { askPerson, grantedAhead } from '../../lib/agent/answerers.ts'
import { Approvals } from '../../lib/agent/approval.ts'
import { createNetworkGate } from '../../lib/cli/network.ts'
import { Reach } from '../../lib/config/reach.ts'
import type { Config, Verdict } from '../../lib/config/schema.ts'
import { Bus } from '../../lib/core/bus.ts'
import type { Answer, Events, Question } from '../../lib/core/events.ts'
import { Folder } from '../support/folder.ts'

const target = { host: 'packages.example.org', port: 443 }

const running = (command: string) =>
  ['tool.started', { turn: 1, id: 'c1', name: 'shell', summary: command, arguments: '{}', at: 0 }] as const

describe('the network of a session', () => {
  const folder = new Folder()

  function session(answers: Answer[], { network = 'ask' as Verdict, allow = [] as string[], headless = false } = {}) {
    const bus = new Bus((error) => {
      throw error
    })
    const asked: Question[] = []
    bus.on('approval.asked', (question) => {
      asked.push(question)
      const answer = answers.shift()
      if (answer !== undefined) bus.emit('approval.answer', { id: question.id, answer })
    })
    const config = () => ({ policy: { network }, sandbox: { network: { allow } } }) as unknown as Config
    const approvals = new Approvals({
      publish: (name, payload) => bus.emit(name, payload as Events[typeof name]),
      answerer: headless ? grantedAhead([]) : askPerson(bus),
      policy: () => config().policy,
      remember: () => {},
    })
    const reach = new Reach(folder.at('network.json'))
    const made = createNetworkGate({ bus, approvals, config, reach, project: '/project' })
    const decide = async () => {
      const { allowed, by } = await made.gate.decide(target)
      return `${allowed} ${by}`
    }
    return { bus, asked, reach, decide, gate: made.gate, dispose: () => made.dispose() }
  }

  const turnEnded = { turn: 1, end: 'done' as const, ms: 1, at: 1 }

  it('asks for the one address, with all of the command at work', async () => {
    const { bus, asked, decide } = session(['no'])
    bus.emit(...running('npm install\nnpm test'))
    expect(await decide()).to.equal('false no')
    expect(asked).to.deep.equal([
      {
        id: 'approval_1',
        kind: 'network',
        title: 'Let the sandbox reach packages.example.org:443?',
        shows: { kind: 'command', text: 'npm install\nnpm test' },
        body: ['While this command runs, a program in the sandbox wants to connect there.'],
        choices: [
          { key: 'y', answer: 'once', label: 'once: until the turn ends' },
          { key: 's', answer: 'session', label: 'this session' },
          { key: 'p', answer: 'project', label: 'this project' },
          { key: 'n', answer: 'no', label: 'no' },
        ],
      },
    ])
  })

  it('names no command that is over', async () => {
    const { bus, asked, decide } = session(['no'])
    bus.emit(...running('npm install'))
    bus.emit('tool.ended', { turn: 1, id: 'c1', ok: true, summary: 'ok', text: '', ms: 1 })
    await decide()
    expect(asked[0]!.title).to.equal('Let the sandbox reach packages.example.org:443?')
  })

  const kept: [Answer, string, number][] = [
    ['once', 'true once', 2],
    ['no', 'false no', 2],
    ['session', 'true session', 1],
    ['project', 'true project', 1],
  ]
  for (const [answer, decision, questions] of kept)
    it(`holds "${answer}" for ${questions === 2 ? 'the turn' : 'longer'}`, async () => {
      const { bus, asked, decide } = session([answer, answer])
      expect([await decide(), await decide(), asked.length]).to.deep.equal([decision, decision, 1])
      bus.emit('turn.ended', turnEnded)
      expect([await decide(), asked.length]).to.deep.equal([decision, questions])
    })

  it('keeps what the project may reach for its later sessions, and for no other project', async () => {
    await session(['project']).decide()
    const later = session([])
    expect(await later.decide()).to.equal('true project')
    expect(later.reach.of('/other')).to.deep.equal([])
  })

  it('withdraws its question when the turn ends', async () => {
    const { bus, asked, decide } = session([])
    const settled: unknown[] = []
    bus.on('approval.settled', (fact) => void settled.push(fact))
    const waiting = decide()
    await new Promise(setImmediate)
    expect(asked.length).to.equal(1)
    bus.emit('turn.ended', turnEnded)
    expect(await waiting).to.equal('false unanswered')
    expect(settled).to.deep.equal([{ id: 'approval_1', answer: 'no' }])
  })

  it('asks nothing where the policy denies it or the configuration lists it', async () => {
    const denied = session([], { network: 'deny', allow: ['packages.example.org:443'] })
    const listed = session([], { allow: ['*.example.org:443'] })
    expect([await denied.decide(), await listed.decide()]).to.deep.equal(['false policy', 'true config'])
    expect([...denied.asked, ...listed.asked]).to.deep.equal([])
  })

  it('says how to grant it where nobody can be asked', async () => {
    const { gate } = session([], { headless: true })
    expect((await gate.decide(target)).reason).to.equal(
      'Nobody is here to answer "Let the sandbox reach packages.example.org:443?". Grant it ahead with --allow network.',
    )
  })
})
