import { grantedAhead } from '../agent/answerers.ts'
import { Bus } from '../core/bus.ts'
import type { Facts, Mode } from '../core/events.ts'
import { Failure } from '../core/failure.ts'
import type { Past } from '../session/past.ts'
import type { Grant } from './call.ts'
import { tellWaiting } from './changes.ts'
import { exitCodeOf, exits } from './exit.ts'
import type { Parts } from './parts.ts'
import { remember, takePast } from './past.ts'
import { openSession, rereading } from './session.ts'
import { type SettingsOptions, readSettings } from './settings.ts'
import { Teller } from './teller.ts'
import { jsonLine, visible, visibleText } from './unified.ts'

export interface RunOptions {
  prompt?: string
  json: boolean
  apply: boolean
  allow: Grant[]
  /** Model calls, seconds and US dollars at most. */
  maxTurns?: number
  maxTime?: number
  maxCost?: number
  model?: string
  backend?: string
  /** That of the configuration if absent; `apply` is `turn`. */
  mode?: Mode
  /** The project; where the person stands if absent. */
  dir?: string
  /** Which of the project's workspaces; the first that is free where absent. */
  workspace?: string
  /** The session to go on with, by its name; an empty one: the latest of the project. A new one where absent. */
  resume?: string
}

/** Characters of a prompt that standard input may bring. */
const longestPrompt = 2_000_000

/** `agent run`: one prompt without a screen, to its end. Gives the exit code. */
export async function run(parts: Parts, options: RunOptions): Promise<number> {
  const read = {
    dir: options.dir,
    model: options.model,
    backend: options.backend,
    mode: options.mode,
    flags: { 'limits.steps': options.maxTurns, 'limits.seconds': options.maxTime, 'limits.cost': options.maxCost },
  }
  if (options.resume === undefined) return converse(parts, options, read)
  const opening = await takePast(parts, options.resume || undefined, read)
  try {
    return await converse(parts, options, await remember(parts, opening))
  } finally {
    await opening.past.lock.release() // where it did not come to a session
  }
}

async function converse(parts: Parts, options: RunOptions, read: SettingsOptions & { past?: Past }): Promise<number> {
  const { stdout, stderr } = parts
  const settings = readSettings(parts, read)
  const prompt = options.prompt ?? (await readPrompt(parts.stdin))
  // A handler that throws is a defect: it ends the program as any other does.
  const bus = new Bus((error) => process.nextTick(() => Promise.reject(error)))
  if (options.json) bus.onAny((event, data) => void stdout.write(jsonLine({ at: Date.now(), event, data })))
  else new Teller(parts).listen(bus)
  for (const { name } of settings.untrusted)
    stderr.write(`${visible(name)} is not used: open the project with \`agent\` once, look at it and trust it.\n`)

  const session = await openSession(parts, {
    bus,
    settings,
    reread: rereading(parts, read),
    answerer: grantedAhead(options.allow),
    mode: options.apply ? 'turn' : settings.loaded.config.mode,
    workspace: options.workspace,
    past: read.past,
  })
  const cancel = () => bus.emit('turn.cancel', {})
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, cancel)
  stdout.once('error', cancel) // whoever reads has gone away: only once, since each event is another thing to say
  try {
    const ended = new Promise<Facts['turn.ended']>((resolve) => void bus.on('turn.ended', resolve))
    const failed = options.json
      ? undefined
      : bus.on('app.failed', ({ failure }) => void stderr.write(`${visibleText(failure.message)}\n`))
    bus.emit('prompt.submit', { text: prompt })
    const { end, failure } = await ended
    await session.agent.idle()
    failed?.dispose()
    if (failure && !options.json) stderr.write(`${visibleText(failure.message)}\n`)
    const { opened } = session.bench
    if (opened && !options.json) await tellWaiting(parts, opened.workspace, opened.name)
    return end === 'done' ? exits.done : end === 'cancelled' ? exits.cancelled : exitCodeOf(failure)
  } finally {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, cancel)
    await session.dispose()
  }
}

async function readPrompt(stdin: NodeJS.ReadStream): Promise<string> {
  if (stdin.isTTY)
    throw new Failure('usage', 'Say what is to be done: `agent run "PROMPT"`, or give it on standard input.')
  stdin.setEncoding('utf8')
  let text = ''
  for await (const piece of stdin) {
    text += piece
    if (text.length > longestPrompt)
      throw new Failure('usage', 'Standard input is longer than any prompt may be (2 MB).')
  }
  if (text.trim() === '') throw new Failure('usage', 'Standard input holds no prompt.')
  return text
}
