import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { expect } from 'chai'
import { durable } from '../../lib/core/events.ts'
import { sweep } from '../../lib/sandbox/container.ts'
import { readLog } from '../../lib/session/replay.ts'
import { listSessions, logPath } from '../../lib/session/store.ts'
import { type Ended, eventsOf, makePlace, runAgent, startAgent } from '../support/agent.ts'
import { startModelServer } from '../support/model-server.ts'
import { type EngineAndImage, embeddedOrSkip, engineOrSkip, keepers, processes } from '../support/sandbox.ts'

const soak = process.env.DRYDOCK_SOAK !== undefined
const rounds = soak ? 100 : 10
/** So many agents are at work at once. */
const atOnce = 4
/** Milliseconds within which what was hit has to end. */
const patienceMs = 60_000

const names = Array.from({ length: 40 }, (_, index) => `${100 + index}.txt`)
const content = (word: string) => Array.from({ length: 500 }, (_, index) => `${word} ${index}\n`).join('')
const [old, written] = [content('old'), content('new')]

/** Rewrites every file, slowly enough to be hit on the way. */
const command = `for n in $(seq 100 139); do for i in $(seq 0 499); do echo "new $i"; done > many/$n.txt; done; echo more > more.txt`

type Victim = 'the agent' | 'its sandbox' | 'nobody'

interface Blow {
  victim: Victim
  afterMs: number
  backend: 'container' | 'embedded'
}

interface Aftermath {
  ended: Ended
  /** Durable events that were told and are not in the log, and lines of the log that are broken. */
  lost: unknown[]
  /** Files that are neither as they were nor as they were to be: after the blow, and after the next start. */
  broken: string[][]
  /** What else is in the project after the next start. */
  strange: string[]
  diff: Ended
  pid: number
  /** Milliseconds that the agent lived. */
  ms: number
}

async function strike({ victim, afterMs, backend }: Blow, found?: EngineAndImage): Promise<Aftermath> {
  const turns = [{ calls: [{ name: 'shell', arguments: { command } }] }, { text: 'word '.repeat(100), rate: 200 }]
  const server = await startModelServer({ turns })
  const place = makePlace({ OPENAI_API_KEY: 'key-of-a-spec', OPENAI_BASE_URL: server.url })
  try {
    place.write('.config/drydock/config.toml', `[sandbox]\nbackend = "${backend}"\n`)
    const project = place.project(Object.fromEntries(names.map((name) => [`many/${name}`, old])))
    const options = { cwd: project, env: place.env }
    const agent = startAgent(['run', '--json', '--apply', '--model', 'openai/spec', 'x'], options)
    const pid = agent.child.pid!
    const began = performance.now()
    await (victim === 'nobody' ? agent.ended : Promise.race([delay(afterMs), agent.ended]))
    if (victim === 'the agent') agent.child.kill('SIGKILL')
    else if (victim === 'nobody') expect((await agent.ended).code).to.equal(0)
    else if (found) await killContainers(found, pid)
    else for (const keeper of keepers(pid)) process.kill(keeper, 'SIGKILL')
    const late = new AbortController()
    const ended = await Promise.race([agent.ended, delay(patienceMs, undefined, { signal: late.signal })])
    late.abort()
    const ms = performance.now() - began
    if (ended === undefined) {
      agent.child.kill('SIGKILL')
      throw new Error('The agent hung.')
    }
    const half = () =>
      names.filter((name) => ![old, written].includes(readFileSync(join(project, 'many', name), 'utf8')))
    const before = half()
    const told = eventsOf(ended.stdout).filter(({ event }) => durable[event as keyof typeof durable])
    const diff = await runAgent(['diff'], options)
    const strange = [...readdirSync(project), ...readdirSync(join(project, 'many'))].filter(
      (name) => !['many', 'more.txt', ...names].includes(name),
    )
    return { ended, lost: lostOf(place.home, told), broken: [before, half()], strange, diff, pid, ms }
  } finally {
    await server.close()
    place.dispose()
  }
}

/** What was told and is not kept, word for word. */
function lostOf(home: string, told: { event: string; data: unknown }[]): unknown[] {
  const data = join(home, '.local/share/drydock')
  if (told.length === 0 || !existsSync(data)) return told
  const [session] = listSessions(data)
  const log = readLog(logPath(session!.folder))
  const kept = log.events.map(({ event, data: what }) => JSON.stringify([event, what]))
  return [...log.bad, ...told.filter(({ event, data: what }, index) => kept[index] !== JSON.stringify([event, what]))]
}

async function killContainers({ engine }: EngineAndImage, pid: number): Promise<void> {
  const own = { filters: { label: [`drydock.pid=${pid}`] } }
  for (const { Id } of await engine.docker.listContainers(own))
    await engine.docker
      .getContainer(Id)
      .kill()
      .catch(() => {}) // it has just ended
}

for (const backend of ['container', 'embedded'] as const)
  describe(`Blows at random moments: ${backend}`, function () {
    this.timeout(soak ? 1_800_000 : 300_000)
    let found: EngineAndImage | undefined

    before(async function () {
      if (backend === 'container') found = await engineOrSkip(this)
      else await embeddedOrSkip(this)
    })

    it(`lose no logged event, halve no file and leave nothing that nobody owns, ${rounds} times`, async () => {
      // How long an agent lives whom nothing hits; on this machine, now.
      const { ms: life } = await strike({ victim: 'nobody', afterMs: 0, backend }, found)
      const blows = Array.from({ length: rounds }, (_, index): Blow => {
        const victim = index % 2 === 0 ? 'the agent' : 'its sandbox'
        return { victim, afterMs: Math.round(Math.random() * life * 1.1), backend }
      })
      const pids: number[] = []
      const waiting = [...blows]
      const worker = async () => {
        for (let blow = waiting.shift(); blow !== undefined; blow = waiting.shift()) {
          const { ended, lost, broken, strange, diff, pid } = await strike(blow, found)
          const about = `${blow.victim} after ${blow.afterMs} ms: ${ended.stderr.slice(-300)}`
          expect({ lost, broken, strange }, about).to.deep.equal({ lost: [], broken: [[], []], strange: [] })
          expect(diff.code, `${about}\n${diff.stderr}`).to.equal(0)
          if (blow.victim === 'its sandbox') expect(ended.code, about).to.be.oneOf([0, 1])
          pids.push(pid)
        }
      }
      await Promise.all(Array.from({ length: atOnce }, worker))
      expect(pids).to.have.length(rounds)
      if (found === undefined) return expect(pids.flatMap(keepers)).to.deep.equal([])
      await sweep(found.engine)
      for (const pid of pids) expect(await ownedBy(found, pid), `of the agent ${pid}`).to.deep.equal([])
      expect(processes().filter(({ parent }) => pids.includes(parent))).to.deep.equal([])
    })
  })

/** Containers, volumes and networks of one agent. */
async function ownedBy({ engine: { docker } }: EngineAndImage, pid: number): Promise<string[]> {
  const filters = { label: [`drydock.pid=${pid}`] }
  const containers = await docker.listContainers({ all: true, filters })
  const { Volumes } = await docker.listVolumes({ filters })
  const networks = await docker.listNetworks({ filters })
  return [
    ...containers.map(({ Id }) => Id),
    ...(Volumes ?? []).map(({ Name }) => Name),
    ...networks.map(({ Id }) => Id),
  ]
}
