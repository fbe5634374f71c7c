import type { Config } from '../config/schema.ts'
import type { Bus } from '../core/bus.ts'
import type { Destination, Occasion } from '../core/checkpoints.ts'
import { Disposables, type Disposable } from '../core/dispose.ts'
import type { Events, Facts, Mode, TurnEnd } from '../core/events.ts'
import { describe, Failure, type FailureFact } from '../core/failure.ts'
import type { ToolCallPart, UserMessage } from '../core/messages.ts'
import { CallIds } from '../llm/assemble.ts'
import { heed } from '../tools/abort.ts'
import type { Workspace } from '../workspace/workspace.ts'
import { Calls, type CallParts } from './calls.ts'
import { Changes } from './changes.ts'
import type { History } from './history.ts'
import { ShownSecrets } from './secrets.ts'
import { Seen } from './seen.ts'
import { askSensitive } from './sensitive.ts'
import { Turn, type Model } from './turn.ts'
import { noteOfTyped } from './typed.ts'
import { noteOf, undo } from './undo.ts'

export interface AgentParts extends Omit<CallParts, 'changes' | 'shown' | 'seen' | 'mode'> {
  bus: Bus
  /** The model to ask at present. Failure where there is none. */
  model: () => Model | Promise<Model>
  /** Makes another model the present one. Failure where it cannot. */
  choose: (name: string) => void | Promise<void>
  /** The system prompt for the present facts and the mode. */
  system: (mode: Mode) => string
  /** The limits as they are now. `seconds` and `cost` hold for one turn; 0: none. */
  limits: () => Pick<Config['limits'], 'steps' | 'seconds' | 'cost'>
  /** The policy's word on writing to the project is asked for before anything is applied. */
  policy: () => Config['policy']
  mode: Mode
  history: History
  /** Turns that the history holds already, of a session that is gone on with. */
  turns: number
  /** What the model is told with the first prompt. */
  notes: readonly UserMessage[]
  /** Remembers for good that a masked file of this project is shown in the sandbox. */
  keepShown: (path: string) => void
  /** Takes the known secrets out of a text that is kept. */
  redact: (text: string) => string
}

export interface Agent extends Disposable {
  /** Publishes the workspace's changes where they are not what was known: for main, once the bench stands. */
  look(workspace: Workspace): Promise<void>
  /** Nothing is at work or queued, and what a cancelled turn left behind has ended. */
  idle(): Promise<void>
  /** Cancels the turn at work, drops the queue and waits until all is at rest. */
  dispose(): Promise<void>
}

interface Job {
  kind: 'prompt' | 'command'
  text: string
}

interface Ending {
  end: TurnEnd
  failure?: FailureFact
}

/** Milliseconds that calls of a cancelled turn are waited for before the next turn begins all the same. */
const restMs = 5000

/** Hears the person's intents, takes one turn at a time, and publishes what comes of it. */
export function createAgent(parts: AgentParts): Agent {
  const { bus, publish, bench, approvals, history, now } = parts
  const owned = new Disposables()
  const life = new AbortController()
  const changes = new Changes(publish)
  const seen = new Seen()
  const shown = new ShownSecrets(approvals, parts.keepShown)
  const ids = new CallIds(history.messages)
  const queue: Job[] = []
  /** What the model is told with the next prompt. */
  const notes: UserMessage[] = [...parts.notes]
  let mode = parts.mode
  let { turns } = parts
  let current: AbortController | undefined
  let working: Promise<void> | undefined

  /** Intents that are being done. */
  const underway = new Set<Promise<void>>()

  function take(job: Job): void {
    if (life.signal.aborted) return
    queue.push(job)
    if (working) publish('prompt.queued', { text: job.text })
    else working = workOff()
  }

  function takeBack(text: string): void {
    const at = queue.findLastIndex((job) => job.text === text)
    const [job] = at < 0 ? [] : queue.splice(at, 1)
    if (job) publish('prompt.recalled', job)
  }

  async function workOff(): Promise<void> {
    for (let job = queue.shift(); job; job = queue.shift()) await runTurn(job, ++turns)
    working = undefined
  }

  async function runTurn({ kind, text }: Job, turn: number): Promise<void> {
    const { signal, release } = openTurn()
    const calls = new Calls({ ...parts, changes, shown, seen, mode: () => mode }, turn, signal)
    const at = now()
    let ending = await attempt(signal, async () => {
      publish('turn.started', { turn, kind, prompt: text, at })
      await (kind === 'prompt' ? converse(turn, text, calls, signal) : runCommand(turn, text, calls, signal))
    })
    const occasion = { turn, prompt: parts.redact(text) }
    const settling = signal.aborted ? undefined : settle(calls, occasion, ending.end === 'done')
    if (settling) ending = worse(ending, await attempt(signal, () => heed(signal, settling)))
    end(turn, ending, at)
    release()
    if (signal.aborted) await windUp(calls, occasion, settling)
  }

  /** One signal for all of a turn; a turn that outlasts its seconds aborts it with Failure `limit`. */
  function openTurn() {
    const controller = new AbortController()
    current = controller
    const { seconds } = parts.limits()
    const message = `The turn has taken its ${seconds} s (limits.seconds). Send a prompt to go on.`
    const timer =
      seconds > 0 ? setTimeout(() => controller.abort(new Failure('limit', message)), seconds * 1000) : undefined
    const release = () => {
      clearTimeout(timer)
      current = undefined
    }
    return { signal: AbortSignal.any([controller.signal, life.signal]), release }
  }

  async function converse(turn: number, prompt: string, calls: Calls, signal: AbortSignal): Promise<void> {
    const model = await parts.model()
    const turnParts = { ...parts, changes, ids, model, system: () => parts.system(mode), limits: parts.limits() }
    for (const message of notes.splice(0)) {
      publish('message.added', { turn, message })
      history.add(message)
    }
    await new Turn(turnParts, turn, calls, signal).run(prompt)
  }

  async function runCommand(turn: number, command: string, calls: Calls, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    const call: ToolCallPart = {
      type: 'call',
      id: ids.claim(`own_${turn}`),
      name: 'shell',
      arguments: JSON.stringify({ command }),
    }
    const { text } = await calls.executeOwn(call)
    const note = `I ran this command myself, in the sandbox's shell:\n$ ${command}\n\n${text}`
    const message = { role: 'user' as const, parts: [{ type: 'text' as const, text: note }] }
    publish('message.added', { turn, message })
    history.add(message)
  }

  /** What a turn leaves behind is looked at, applied where the person wants that and the turn is done, and kept. */
  async function settle(calls: Calls, occasion: Occasion, done: boolean): Promise<void> {
    const workspace = calls.touched
    if (!workspace) return
    try {
      await shown.cover(workspace)
      await changes.look(workspace)
      const by = mode
      if (done && (by === 'turn' || by === 'live')) await applyIfAllowed(() => changes.apply(workspace, 'all', by))
    } finally {
      publish('checkpoint.kept', { turn: occasion.turn, id: await workspace.checkpoint(occasion) })
      if (occasion.turn === turns) await changes.rest(workspace)
    }
    await workspace.fit()
  }

  /** A cancelled turn is over at once for the person; what it left behind ends before the next one begins. */
  async function windUp(calls: Calls, occasion: Occasion, settling: Promise<void> | undefined): Promise<void> {
    const late = new AbortController()
    const timer = setTimeout(() => late.abort(), restMs)
    try {
      await heed(late.signal, Promise.allSettled([calls.atRest(), settling]))
      if (!settling) await heed(late.signal, settle(calls, occasion, false))
    } catch (error) {
      if (!late.signal.aborted) report(error)
    } finally {
      clearTimeout(timer)
    }
  }

  function end(turn: number, { end: how, failure }: Ending, at: number): void {
    const fact = (ending: Ending) => ({ turn, ...ending, ms: now() - at, at: now() })
    try {
      publish('turn.ended', fact(failure ? { end: how, failure } : { end: how }))
    } catch (error) {
      bus.emit('turn.ended', fact({ end: 'failed', failure: failure ?? describe(error) }))
    }
  }

  async function applyIfAllowed(apply: () => Promise<void>): Promise<void> {
    if (parts.policy().project === 'deny') {
      throw new Failure('policy', 'The changes were not applied: the policy denies it (policy.project = "deny").')
    }
    await apply()
  }

  async function discard({ selection }: Events['changes.discard']): Promise<void> {
    const { workspace } = await bench(life.signal)
    const body = selection === 'all' ? (await workspace.changes()).map(({ path }) => path) : selection.paths
    const title = 'Discard these unapplied changes?'
    const permission = await approvals.permit({ kind: 'discard', subject: 'discard', title, body }, life.signal)
    if (permission.allowed) await changes.discard(workspace, selection)
    if (!working) await changes.rest(workspace)
  }

  /** Takes its turn like a prompt: those that come meanwhile wait. */
  function goTo({ to }: Events['turn.undo']): void {
    if (working) throw new Failure('busy', 'A turn is at work: cancel it or wait for its end, then undo.')
    working = undoTo(to).catch(report).then(workOff)
  }

  async function undoTo(to: Destination): Promise<void> {
    const { workspace } = await bench(life.signal)
    const restored = await undo(workspace, to, parts, life.signal)
    if (!restored) return
    publish('turn.undone', restored)
    const message = noteOf(restored)
    publish('message.added', { turn: turns, message })
    history.add(message)
    await changes.look(workspace)
  }

  /** From the next call on, in the middle of a turn too. */
  function chooseMode(chosen: Mode): void {
    if ((chosen === 'turn' || chosen === 'live') && parts.policy().project === 'deny') {
      throw new Failure('policy', `Changes stay for review: the policy denies writing to the project by itself.`)
    }
    publish('mode.chosen', { mode: chosen })
    mode = chosen
  }

  /** Something outside a turn went wrong: known to everybody, on disk or not. */
  function report(error: unknown): void {
    if (life.signal.aborted) return
    const fact: Facts['app.failed'] = { failure: describe(error) }
    try {
      publish('app.failed', fact)
    } catch {
      bus.emit('app.failed', fact)
    }
  }

  function hear<K extends keyof Events>(name: K, act: (intent: Events[K]) => void | Promise<void>): void {
    owned.add(
      bus.on(name, (intent) => {
        const doing = (async () => act(intent))()
          .catch(report)
          .finally(() => underway.delete(doing))
        underway.add(doing)
      }),
    )
  }

  hear('prompt.submit', ({ text }) => take({ kind: 'prompt', text }))
  hear('prompt.recall', ({ text }) => takeBack(text))
  hear('command.submit', ({ command }) => take({ kind: 'command', text: command }))
  hear('turn.cancel', () => current?.abort())
  hear('mode.choose', (intent) => chooseMode(intent.mode))
  hear('model.choose', async ({ model }) => {
    await parts.choose(model)
    publish('model.chosen', { model })
  })
  hear('changes.apply', async ({ selection, over }) => {
    const { workspace } = await bench(life.signal)
    await applyIfAllowed(async () => {
      const allowed = await askSensitive(workspace, selection, approvals, life.signal)
      await changes.apply(workspace, selection, 'review', { allowed, over })
    })
    if (!working) await changes.rest(workspace)
  })
  hear('changes.discard', discard)
  owned.add(bus.on('jobs.changed', ({ jobs }) => void (changes.jobs = jobs.length > 0)))
  hear('terminal.used', (used) => void notes.push(noteOfTyped(used)))
  hear('turn.undo', goTo)

  async function rest(): Promise<void> {
    if (!working) return
    await working
    await rest()
  }

  async function idle(): Promise<void> {
    if (!working && underway.size === 0) return
    await Promise.all([working, ...underway])
    await idle()
  }

  return {
    look: async (workspace) => void (await changes.look(workspace)),
    idle,
    dispose: async () => {
      life.abort()
      queue.length = 0
      await owned.dispose()
      await rest()
    },
  }
}

/** Does it, and says how it ended. An abort by the person is `cancelled`, whatever was thrown on its account. */
async function attempt(signal: AbortSignal, act: () => Promise<void>): Promise<Ending> {
  try {
    await act()
    return { end: 'done' }
  } catch (error) {
    const cause: unknown = signal.aborted && isOf(signal, error) ? signal.reason : error
    if (cause instanceof Failure && cause.code === 'limit') return { end: 'limit', failure: describe(cause) }
    if (signal.aborted && cause === signal.reason) return { end: 'cancelled' }
    return { end: 'failed', failure: describe(error) }
  }
}

function isOf(signal: AbortSignal, error: unknown): boolean {
  return error === signal.reason || (error instanceof Error && error.name === 'AbortError')
}

/** The ending of a turn that ended one way and whose settling ended another. */
function worse(turn: Ending, settling: Ending): Ending {
  return turn.end === 'done' ? settling : turn
}
