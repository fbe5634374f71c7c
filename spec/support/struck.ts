import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { durable } from '../../lib/core/events.ts'
import { readLog } from '../../lib/session/replay.ts'
import { listSessions, logPath } from '../../lib/session/store.ts'
import { type Ended, eventsOf, makePlace, runAgent, startAgent } from './agent.ts'
import { startModelServer } from './model-server.ts'
import { type EngineAndImage, keepers } from './sandbox.ts'

const names = Array.from({ length: 40 }, (_, index) => `${100 + index}.txt`)
const content = (word: string) => Array.from({ length: 500 }, (_, index) => `${word} ${index}\n`).join('')
const [old, written] = [content('old'), content('new')]

/** Rewrites every file, slowly enough to be hit on the way. */
const command = `for n in $(seq 100 139); do for i in $(seq 0 499); do echo "new $i"; done > many/$n.txt; done; echo more > more.txt`
const words = ['run', '--json', '--apply', '--model', 'openai/spec', 'x']

/** Milliseconds within which what was hit has to end. */
const patienceMs = 60_000

/** An agent that rewrites the files of a project and applies that, to be hit at any moment. */
export interface Struck {
  pid: number
  child: ReturnType<typeof startAgent>['child']
  /** Its end; an error where it hangs, which ends it. */
  ended(): Promise<Ended>
  /** Durable events that were told and are not in the last session's log word for word, and lines of it that are broken. */
  lost(ended: Ended): unknown[]
  /** Files that are neither as they were nor as they were to be. */
  broken(): string[]
  /** What else is in the project. */
  strange(): string[]
  /** Whether all is as it was to be. */
  isDone(): boolean
  /** Runs another command there. */
  run(...words: string[]): Promise<Ended>
  /** Starts the same once more, to its end. */
  again(): Promise<Ended>
  dispose(): Promise<void>
}

export async function startStruck(
  backend: 'container' | 'embedded',
  extra: Record<string, string> = {},
): Promise<Struck> {
  const turns = [{ calls: [{ name: 'shell', arguments: { command } }] }, { text: 'word '.repeat(100), rate: 200 }]
  const server = await startModelServer({ turns })
  const place = makePlace({ OPENAI_API_KEY: 'key-of-a-spec', OPENAI_BASE_URL: server.url })
  place.write('.config/drydock/config.toml', `[sandbox]\nbackend = "${backend}"\n`)
  const project = place.project(Object.fromEntries(names.map((name) => [`many/${name}`, old])))
  const options = { cwd: project, env: { ...place.env, ...extra } }
  const { child, ended } = startAgent(words, options)
  const isOneOf =
    (...contents: string[]) =>
    (name: string) =>
      contents.includes(readFileSync(join(project, 'many', name), 'utf8'))
  return {
    pid: child.pid!,
    child,
    ended: async () => {
      const late = new AbortController()
      const end = await Promise.race([ended, delay(patienceMs, undefined, { signal: late.signal })])
      late.abort()
      if (end !== undefined) return end
      child.kill('SIGKILL')
      throw new Error(`The agent hung: ${(await ended).stdout.slice(-2000)}`)
    },
    lost: ({ stdout }) => lostOf(place.home, stdout),
    broken: () => names.filter((name) => !isOneOf(old, written)(name)),
    strange: () =>
      [...readdirSync(project), ...readdirSync(join(project, 'many'))].filter(
        (name) => !['many', 'more.txt', ...names].includes(name),
      ),
    isDone: () => names.every(isOneOf(written)),
    run: (...others) => runAgent(others, options),
    again: () => runAgent(words, options),
    dispose: async () => {
      child.kill('SIGKILL')
      await server.close()
      place.dispose()
    },
  }
}

function lostOf(home: string, stdout: string): unknown[] {
  const told = eventsOf(stdout).filter(({ event }) => durable[event as keyof typeof durable])
  const data = join(home, '.local/share/drydock')
  if (told.length === 0 || !existsSync(data)) return told
  const [session] = listSessions(data)
  const log = readLog(logPath(session!.folder))
  const kept = log.events.map(({ event, data: what }) => JSON.stringify([event, what]))
  return [...log.bad, ...told.filter(({ event, data: what }, index) => kept[index] !== JSON.stringify([event, what]))]
}

/** Ends the sandboxes of one agent from outside: its containers where there is an engine, else what keeps its namespaces. */
export async function killSandboxes(pid: number, found?: EngineAndImage): Promise<void> {
  if (!found) return keepers(pid).forEach((keeper) => process.kill(keeper, 'SIGKILL'))
  const { docker } = found.engine
  for (const { Id } of await docker.listContainers({ filters: { label: [`drydock.pid=${pid}`] } }))
    await docker
      .getContainer(Id)
      .kill()
      .catch(() => {}) // it has just ended
}

/** Containers, volumes and networks of one agent. */
export async function ownedBy({ engine: { docker } }: Pick<EngineAndImage, 'engine'>, pid: number): Promise<string[]> {
  const filters = { label: [`drydock.pid=${pid}`] }
  const listed = await docker.listContainers({ all: true, filters })
  // Docker, killed at a removal, goes on listing as dead what it then finds half removed and takes away; it is not there.
  const containers = await Promise.all(listed.map(async (one) => ((await isThere(docker, one.Id)) ? [one] : [])))
  const { Volumes } = await docker.listVolumes({ filters })
  const networks = await docker.listNetworks({ filters })
  return [
    ...containers.flat().map(({ Id, State }) => `container ${Id}, ${State}`),
    ...(Volumes ?? []).map(({ Name }) => `volume ${Name}`),
    ...networks.map(({ Id }) => `network ${Id}`),
  ]
}

async function isThere(docker: EngineAndImage['engine']['docker'], id: string): Promise<boolean> {
  return docker
    .getContainer(id)
    .inspect()
    .then(
      () => true,
      (error: { statusCode?: number }) => {
        if (error.statusCode === 404) return false
        throw error
      },
    )
}
