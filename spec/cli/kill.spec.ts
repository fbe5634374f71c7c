import { expect } from 'chai'
import { once } from 'node:events'
import { existsSync, readFileSync, readdirSync, watch } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { durable } from '../../lib/core/events.ts'
import { type Replay, readLog } from '../../lib/session/replay.ts'
import { listSessions, logPath } from '../../lib/session/store.ts'
import { type Ended, type RunningAgent, eventsOf, makePlace, runAgent, startAgent } from '../support/agent.ts'
import { type Turn, startModelServer } from '../support/model-server.ts'
import { type EngineAndImage, engineOrSkip } from '../support/sandbox.ts'

/** Within this no container of a killed agent runs any more. */
const graceMs = 2000
/** So many agents are at work at once. */
const atOnce = 4
const soak = process.env.DRYDOCK_SOAK !== undefined

/** The files that are being applied when the agent is killed, and what each of them holds. */
const names = Array.from({ length: 200 }, (_, index) => `${100 + index}.txt`)
const content = Array.from({ length: 2000 }, (_, index) => `${index + 1}\n`).join('')

function shell(command: string): Turn {
  return { calls: [{ name: 'shell', arguments: { command } }] }
}

interface Moment {
  when: string
  /** The workspace holds what the first command made. */
  made?: boolean
  turns: Turn[]
  flags?: string[]
  /** Resolves when it is time. */
  reached(agent: RunningAgent, project: string): Promise<unknown>
}

const starting = (index: number): Moment => ({
  when: `while its container comes up (${index + 1})`,
  turns: [shell('sleep 60')],
  reached: async (agent) => {
    await agent.saw('starting the container')
    await delay(Math.random() * 400) // whatever the engine does for us just then
  },
})

const applying = (index: number): Moment => ({
  when: `while many files are applied (${index + 1})`,
  turns: [shell(`mkdir many; for n in $(seq 100 299); do seq 2000 > many/$n.txt; done`), { text: 'Done.' }],
  flags: ['--apply'],
  reached: async (_agent, project) => {
    const watcher = watch(project)
    await once(watcher, 'change')
    watcher.close()
    await delay(Math.random() * 200)
  },
})

const times = (count: number, moment: (index: number) => Moment) => Array.from({ length: count }, (_, i) => moment(i))

const moments: Moment[] = [
  { when: 'before there is a container', turns: [{ text: 'x' }], reached: (agent) => agent.saw('"turn.started"') },
  ...times(soak ? 20 : 3, starting),
  {
    when: 'while a command runs',
    made: true,
    turns: [shell('echo made > made.txt; echo asleep; sleep 60')],
    reached: (agent) => agent.saw('asleep\\n'),
  },
  {
    when: 'while text streams',
    made: true,
    turns: [shell('echo made > made.txt'), { text: 'word '.repeat(2000), rate: 200 }],
    reached: (agent) => agent.saw('word'),
  },
  ...times(soak ? 20 : 1, applying),
]

/** What was found after an agent was killed. */
interface Aftermath {
  ended: Ended
  /** Containers of its own that still ran after the grace. */
  running: unknown[]
  log: Replay
  /** Names of whole files, and of others, that the project had before anybody mended anything. */
  whole: string[]
  half: string[]
  /** What the next calls of the program said, and what was in the project after them. */
  diff: Ended
  next: Ended
  toldNext: string
  project: string[]
  many: string[]
  /** Containers of its own, in whatever state, after all. */
  left: unknown[]
}

async function aftermathOf({ turns, flags = [], reached }: Moment, { engine }: EngineAndImage): Promise<Aftermath> {
  const server = await startModelServer({ turns })
  const next = await startModelServer({ turns: [shell('cat made.txt'), { text: 'Done.' }] })
  const place = makePlace({ OPENAI_API_KEY: 'key-of-a-spec', OPENAI_BASE_URL: server.url })
  try {
    const project = place.project({ 'a.txt': 'one\n' })
    const options = { cwd: project, env: place.env }
    const agent = startAgent(['run', '--json', '--model', 'openai/spec', ...flags, 'x'], options)
    await reached(agent, project)
    agent.child.kill('SIGKILL')
    const ended = await agent.ended
    await delay(graceMs)
    const filters = { label: [`drydock.pid=${agent.child.pid}`] }
    const running = await engine.docker.listContainers({ filters })
    const [session] = listSessions(join(place.home, '.local/share/drydock'))
    const log = readLog(logPath(session!.folder))
    const written = filesOf(join(project, 'many')).filter((name) => !name.startsWith('.drydock-'))
    const isWhole = (name: string) => readFileSync(join(project, 'many', name), 'utf8') === content
    const [whole, half] = [written.filter(isWhole), written.filter((name) => !isWhole(name))]
    const diff = await runAgent(['diff'], options)
    const env = { ...place.env, OPENAI_BASE_URL: next.url }
    const after = await runAgent(['run', '--model', 'openai/spec', 'y'], { cwd: project, env })
    return {
      ended,
      running,
      log,
      whole,
      half,
      diff,
      next: after,
      toldNext: next.requests.at(-1)!.body.messages.at(-1).content,
      project: filesOf(project),
      many: filesOf(join(project, 'many')),
      left: await engine.docker.listContainers({ all: true, filters }),
    }
  } finally {
    await server.close()
    await next.close()
    place.dispose()
  }
}

function filesOf(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).toSorted() : []
}

describe('An agent that is killed', () => {
  const aftermaths = new Map<Moment, Promise<Aftermath>>()
  before(async function () {
    const found = await engineOrSkip(this)
    let last: Promise<unknown>[] = []
    for (const moment of moments) {
      const before = Promise.allSettled(last.length < atOnce ? [] : [last.shift()])
      const aftermath = before.then(() => aftermathOf(moment, found))
      aftermath.catch(() => {}) // its own spec tells
      aftermaths.set(moment, aftermath)
      last = [...last, aftermath]
    }
  })
  after(() => Promise.allSettled(aftermaths.values()))

  for (const moment of moments)
    it(`leaves nothing running and nothing half: ${moment.when}`, async function () {
      this.timeout(120_000)
      const found = await aftermaths.get(moment)!
      expect(found.ended.signal).to.equal('SIGKILL')
      expect(found.running, 'no container runs after the grace').to.deep.equal([])

      const told = eventsOf(found.ended.stdout).filter(({ event }) => durable[event as keyof typeof durable])
      const kept = found.log.events.map(({ event, data }) => ({ event, data }))
      expect(found.log.bad).to.deep.equal([])
      expect(kept.slice(0, told.length), 'every event that was told of is kept').to.deep.equal(
        told.map(({ event, data }) => ({ event, data })),
      )

      expect(found.half, 'no half-written file').to.deep.equal([])
      expect(found.diff, found.diff.stderr).to.include({ code: 0 })
      expect(found.next, found.next.stderr).to.include({ code: 0, stdout: 'Done.\n' })
      expect(found.left, 'what never started is swept by the next').to.deep.equal([])
      if (moment.flags) {
        expect(found.whole.length, 'it was killed on the way').to.be.lessThan(names.length)
        expect(found.many, 'the next completes what was begun').to.deep.equal(names)
        expect(found.project).to.deep.equal(['a.txt', 'many'])
        expect(found.diff.stdout).to.equal('')
      } else {
        expect(found.project).to.deep.equal(['a.txt'])
        expect(found.diff.stdout.includes('+made')).to.equal(moment.made === true)
        expect(found.toldNext.startsWith('made\n')).to.equal(moment.made === true)
      }
    })
})
