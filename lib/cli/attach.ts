import { constants } from 'node:os'
import { PromptBook } from '../config/prompt-book.ts'
import { Bus } from '../core/bus.ts'
import { Disposables } from '../core/dispose.ts'
import { Failure, describe } from '../core/failure.ts'
import type { Remote } from '../remote/client.ts'
import { isIntentName } from '../remote/intents.ts'
import type { Role } from '../remote/protocol.ts'
import type { SoloName } from '../tui/arrangement.ts'
import { type Part, Assembly } from '../tui/snapshot.ts'
import { openSolo } from '../tui/solo.ts'
import { Store } from '../tui/store.ts'
import { guardTerminal, openDisplay } from './display.ts'
import { followFiles } from './following.ts'
import { openFront, openSource } from './front.ts'
import type { Ended } from './exit.ts'
import { connectToSession } from './living.ts'
import type { Parts } from './parts.ts'
import { remoteFiles } from './remote-files.ts'
import { remoteReads } from './reads.ts'
import { readSettings } from './settings.ts'

/** Milliseconds that a session which was told to quit has for its last word before its screen goes. */
const quitMs = 5_000

const killed = 'The session has ended without a word: its process was killed.'

export interface AttachOptions {
  /** Its name, or the beginning of it; the project's newest where absent. */
  session?: string
  /** Shown alone; the whole screen where absent. */
  view?: SoloName
  /** The file that the viewer shows, as its path in the workspace. */
  file?: string
}

/** `agent attach`: a screen that looks on at a session of another process, and leaves it as it is. Gives the exit code. */
export async function attach(parts: Parts, { session, view, file }: AttachOptions): Promise<Ended> {
  const remote = await connectToSession(parts, session)
  return show(parts, remote, 'view', { view, file })
}

/** Puts a screen on a session of another process, which lives for it from then on. Gives the exit code. */
export async function takeOver(parts: Parts, session: string): Promise<Ended> {
  return show(parts, await connectToSession(parts, session), 'screen')
}

async function show(
  parts: Parts,
  remote: Remote,
  as: Role,
  { view, file }: Omit<AttachOptions, 'session'> = {},
): Promise<Ended> {
  const reread = () => readSettings(parts, { dir: remote.greeting.project })
  const settings = reread()
  const life = new AbortController()
  const owned = new Disposables()
  owned.add(remote)
  let close!: (ended: Ended) => void
  const closed = new Promise<Ended>((resolve) => (close = resolve))
  let defect: unknown
  let quitting = false
  let sentence: string | undefined
  const bus = new Bus((error) => {
    defect ??= error
    close(1)
  })
  const store = owned.add(new Store(bus))
  try {
    await follow(remote, as, bus, store)
    const display = openDisplay(parts, settings, {
      onSignal: (signal) => close(128 + constants.signals[signal]),
    })
    owned.add(display.screen)
    const reads = remoteReads(remote)
    const book = new PromptBook({ dataDir: settings.places.data, project: settings.project })
    const front = {
      files: remoteFiles(reads, bus),
      parts,
      display,
      bus,
      store,
      reads,
      prompts: { recent: () => book.recent(), keep: (text: string) => void reads.keepPrompt(text) },
      settings: () => settings,
      leaveFor: (resume: string) => close({ resume }),
      signal: life.signal,
    }
    if (view === undefined) owned.add(openFront(front))
    else {
      const source = openSource(front, owned)
      const { keymap, screen } = display
      const solo = openSolo({
        ...front,
        screen,
        keymap,
        source,
        view,
        file,
        home: parts.environment.home,
        now: Date.now,
        close: () => close(0),
      })
      if (solo === undefined) throw new Failure('usage', `There is no view ${view} in this version.`)
      owned.add(solo)
    }
    owned.add(
      bus.onAny((name, data) => {
        if (!isIntentName(name)) return
        if (name !== 'app.quit') remote.send(name, data as never)
        else if (as === 'view') close(0)
        else {
          quitting = true
          remote.send('app.quit', {})
          setTimeout(() => close(0), quitMs).unref()
        }
      }),
    )
    display.screen.draw()
    await guardTerminal(display.screen)
    const onMistake = (error: unknown) => bus.emit('app.failed', { failure: describe(error) })
    owned.add(followFiles(parts, { ...display, settings, reread, onMistake }))
    const lost = remote.over.then(({ bye = killed, ended }) => {
      if (!quitting) sentence = bye
      return ended ? 0 : 1
    })
    const how = await Promise.race([closed, lost])
    if (defect !== undefined) throw defect
    return how
  } finally {
    life.abort()
    await owned.dispose()
    if (sentence !== undefined) parts.stdout.write(`${sentence}\n`)
  }
}

/** Brings the state along with the session's, from now on; resolves once it is whole. Failure `network`, `protocol`. */
async function follow(remote: Remote, as: Role, bus: Bus, store: Store): Promise<void> {
  const assembly = new Assembly()
  const whole = new Promise<void>((resolve) =>
    remote.begin(as, {
      onPart: (part) => assembly.take(part as Part),
      onWhole: () => {
        const { state } = assembly
        store.replace(state)
        // For those who hear of changes alone.
        bus.emit('workspace.changed', { changes: [...state.changes], ignored: [...state.ignored] })
        resolve()
      },
      onFact: (name, data) => bus.emit(name, data),
    }),
  )
  const lost = remote.over.then(({ bye = killed, ended }) =>
    Promise.reject(new Failure(ended ? 'missing' : 'protocol', bye)),
  )
  await Promise.race([whole, lost])
  lost.catch(() => undefined)
}
