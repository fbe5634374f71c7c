import type { Action } from '../config/actions.ts'
import type { Keymap } from '../config/keymap.ts'
import type { Bus } from '../core/bus.ts'
import { Disposables, type Disposable } from '../core/dispose.ts'
import type { Arrangement, ViewName } from './arrangement.ts'
import { Clipboard } from './clipboard.ts'
import { Dispatch, type Focused } from './dispatch.ts'
import { pathWord } from './editing/completion.ts'
import type { MouseEvent } from './events.ts'
import { fileOffer } from './files/file-offer.ts'
import { Highlighter } from './format/highlight.ts'
import { Intents } from './intents.ts'
import { Navigation } from './navigation.ts'
import { Offers } from './offers.ts'
import { Panes, type Shown } from './panes.ts'
import { placeholders } from './placeholders.ts'
import { popOut } from './pop-out.ts'
import { Saying } from './saying.ts'
import type { Screen } from './screen.ts'
import { offerSessions } from './session-offer.ts'
import { SlashCommands } from './slash.ts'
import type { Source } from './source.ts'
import { initialState, isFresh, type State } from './state.ts'
import type { Store } from './store.ts'
import { Ticker } from './ticker.ts'
import type { View } from './view.ts'
import type { ViewParts } from './views.ts'
import { Approval } from './widgets/approval.ts'
import { Composer } from './widgets/composer.ts'
import { Picker } from './widgets/picker.ts'
import { Status } from './widgets/status.ts'
import { Transcript } from './widgets/transcript.ts'
import { Welcome } from './widgets/welcome.ts'
import { modeMeaning, titleOf } from './words.ts'

export interface AppOptions {
  screen: Screen
  bus: Bus
  store: Store
  keymap: Keymap
  source: Source
  /** The person's home folder, for `~`. */
  home: string
  /** Milliseconds since 1970. */
  now: () => number
  /** How the panes were arranged in this project, and who keeps how they are; absent: nobody does. */
  arrangement?: Arrangement
  keepArrangement?: (arrangement: Arrangement) => void
  /** Makes what stands beside the conversation; where that comes later, its places are kept until then. */
  createViews: (parts: ViewParts) => Views | Promise<Views>
}

type Views = ReadonlyMap<ViewName, View>

/** The screen as a whole: it shows facts and turns what the person does into intents. */
export interface App extends Disposable {
  readonly state: State
  /** Shows a file of the workspace in the viewer, at a line counted from 1; `stay`: the focus stays where it is. */
  openFile(path: string, how?: { line?: number; stay?: boolean }): void
}

/** Files that are remembered as shown. */
const mostRecent = 50

/** Puts the panes on a screen and links them to the bus. Give it back with `dispose`. */
export function openApp(options: AppOptions): App {
  return new ScreenApp(options)
}

class ScreenApp implements App {
  private readonly options: AppOptions
  private readonly owned = new Disposables()
  private readonly composer: Composer
  private readonly transcript: Transcript
  private readonly views = placeholders()
  private readonly approval: Approval
  private readonly welcome: Welcome
  private readonly picker = new Picker()
  private readonly panes: Panes
  private readonly offers: Offers
  private readonly navigation: Navigation
  private readonly intents: Intents
  private readonly saying: Saying
  private readonly ticker: Ticker
  /** What the viewer has shown, the latest first. */
  private recentFiles: readonly string[] = []

  constructor(options: AppOptions) {
    this.options = options
    const { bus, keymap, now, screen, source } = options
    const changed = () => screen.request()
    const state = () => this.state
    this.saying = this.owned.add(new Saying(changed))
    this.ticker = this.owned.add(new Ticker(() => this.drawMoving()))
    const { say } = this.saying
    const { act, mention, openFile, picker, views } = this
    // Handed to every view that text can be copied from.
    const clipboard = new Clipboard({
      terminal: (text) => screen.setClipboard(text),
      machine: (text) => source.copy(text),
      say,
    })
    this.navigation = new Navigation({
      state,
      views,
      panes: () => this.panes,
      arrangement: options.arrangement,
      arranged: (arrangement) => (options.keepArrangement?.(arrangement), changed()),
      leaves: () => this.composer.leave(),
    })
    const { navigation } = this
    const { arrange } = navigation
    this.offers = new Offers({
      ...options,
      state,
      views: () => views,
      files: () => fileOffer(source.paths, this.recentFiles, { open: openFile, mention }),
      act,
    })
    this.composer = new Composer({
      source,
      slash: new SlashCommands(() => this.offers.slash()),
      clipboard,
      keymap,
      now,
      send: (text, kind) => this.intents.send(text, kind),
      quit: () => bus.emit('app.quit', {}),
      offer: (offer) => picker.open(offer),
      say,
      changed,
      queue: () => this.state.queue,
      recall: (text) => bus.emit('prompt.recall', { text }),
    })
    const highlighter = this.owned.add(new Highlighter())
    this.transcript = this.owned.add(
      new Transcript({
        keymap,
        highlighter,
        clipboard,
        source,
        openFile,
        now,
        changed: () => this.panes.requestMoving(),
        say,
      }),
    )
    const { composer, transcript } = this
    this.intents = new Intents({ bus, keymap, now, state, composer, transcript, navigation, say })
    const { intents } = this
    const loaded = options.createViews({
      keymap,
      source,
      bus,
      clipboard,
      highlighter,
      arrange,
      changed,
      openFile,
      mention,
      act,
      back: () => navigation.back(),
      arrangement: () => navigation.arrangement,
    })
    if (loaded instanceof Promise) void loaded.then((them) => this.show(them))
    else this.show(loaded)
    const answer: Intents['answer'] = (question, answered) => intents.answer(question, answered)
    const approval = this.owned.add(new Approval(keymap, { answer, now, changed }))
    const choose: Intents['choose'] = (choice) => intents.choose(choice)
    const welcome = new Welcome(keymap, choose)
    this.approval = approval
    this.welcome = welcome
    const status = new Status(keymap, act)
    const widgets = { composer, transcript, approval, welcome, status, views, picker }
    this.panes = this.owned.add(new Panes({ ...options, act, arrange }, widgets, () => this.shown))
    const view = () => this.view
    const parts = { keymap, state, navigation, view, picker, composer, approval, welcome, act, choose }
    const dispatch = new Dispatch(parts)
    this.owned.add(bus.on('prompt.recalled', (job) => composer.takeBack(job)))
    this.owned.add(options.store.onChange((after, before) => this.hear(after, before)))
    this.owned.add(source.paths.onChange(() => picker.isOpen && (picker.again(), changed())))
    this.owned.add(screen.onKey((event) => (changed(), dispatch.key(event))))
    this.owned.add(screen.onPaste(({ text }) => (changed(), dispatch.paste(text))))
    this.owned.add(screen.onMouse((event) => this.onMouse(event)))
    if (this.state !== initialState) this.hear(this.state, initialState)
  }

  async dispose(): Promise<void> {
    await this.owned.dispose()
  }

  get state(): State {
    return this.options.store.state
  }

  readonly openFile = (path: string, { line, stay = false }: { line?: number; stay?: boolean } = {}): void => {
    this.recentFiles = [path, ...this.recentFiles.filter((one) => one !== path)].slice(0, mostRecent)
    this.views.get('viewer')?.show?.(path, line)
    this.navigation.show('viewer')
    if (!stay) this.navigation.goTo('viewer')
  }

  private readonly mention = (path: string, more = ''): void => {
    this.composer.insert(`${pathWord(path)}${more} `)
    this.saying.say('it is in the prompt')
  }

  private get shown(): Shown {
    const { at, zoomed, arrangement, focus } = this.navigation
    const { message } = this.saying
    return { state: this.state, focus, at, zoomed, arrangement, message, wanting: this.intents.wanting }
  }

  private show(views: Views): void {
    for (const [name, view] of views) this.views.set(name, view)
    this.options.screen.request()
  }

  private hear(state: State, before: State): void {
    if (state.setup !== before.setup) this.setupChanged()
    if (state.mode !== before.mode && before.session !== undefined) this.saying.say(modeMeaning(state))
    if (this.composer.asks === 'remark' && state.questions[0] !== before.questions[0]) this.composer.dropAsked()
    if (
      state.keyboard.holder === 'agent' &&
      before.keyboard.holder === 'person' &&
      this.navigation.focus === 'terminal'
    )
      this.navigation.goTo('composer')
    this.approval.show(state.questions[0])
    this.ticker.run(isPreparing(state) || (state.turn !== undefined && state.questions.length === 0))
    this.options.screen.setTitle(titleOf(state))
    if (this.transcript.following && goesOn(state, before)) this.panes.requestMoving()
    else this.options.screen.request()
    // The end of an answer waits for no frame.
    if (state.turn === undefined && before.turn !== undefined) this.options.screen.draw()
  }

  private setupChanged(): void {
    const { composer, navigation } = this
    if (this.state.setup !== undefined && composer.editor.isEmpty && isFresh(this.state)) navigation.goTo('setup')
    else if (this.state.setup === undefined) {
      if (composer.asks === 'secret') composer.giveUp()
      if (this.navigation.focus === 'setup') navigation.goTo('composer')
    }
  }

  private drawMoving(): void {
    if (this.state.sandbox?.state !== 'ready') this.options.screen.request()
    else this.panes.requestMoving()
  }

  private onMouse(event: MouseEvent): void {
    const focus = this.panes.mouse(event)
    if (focus !== undefined) this.navigation.goTo(focus)
    if (event.action !== 'move') this.options.screen.request()
  }

  /** What has the focus and answers for itself, if anything does. */
  private get view(): Focused | undefined {
    return this.navigation.focus === 'transcript' ? this.transcript : this.views.get(this.navigation.focus as ViewName)
  }

  /** Does what an action's name says, for keys and clicks alike: the nearest that knows it. */
  private readonly act = (action: Action): void => {
    const { composer, intents, navigation, transcript } = this
    this.options.screen.request()
    const offer = this.offers.of(action)
    if (offer !== undefined) return this.picker.open(offer)
    if (this.view?.act(action) === true || composer.act(action)) return
    if (transcript.act(action)) {
      if (transcript.contexts[0] === 'search') navigation.goTo('transcript')
    } else if (!navigation.act(action) && !intents.act(action)) this.acts[action]?.()
  }

  private readonly acts: Partial<Record<Action, () => void>> = {
    'app.suspend': () => this.options.screen.suspend(),
    'screen.redraw': () => this.options.screen.repaint(),
    'mouse.toggle': () => {
      const { screen } = this.options
      screen.setMouse(!screen.mouse)
      this.saying.say(screen.mouse ? 'the mouse is used here' : 'the mouse is the terminal’s')
    },
    'keyboard.take': () => {
      // Whoever takes the keyboard of the agent's terminal looks at it.
      if (this.state.keyboard.holder === 'agent') this.navigation.open('terminal')
      this.views.get('terminal')?.act('keyboard.take')
    },
    'pane.out': () => {
      const side = this.panes.isShown('side') ? this.navigation.arrangement.view : undefined
      void popOut(
        this.options.source,
        this.state,
        { focus: this.navigation.focus, side, file: this.views.get('viewer')?.path },
        this.saying.say,
      )
    },
    'session.open': () =>
      void offerSessions(this.options.source, () => this.state, this.options.now(), {
        open: (offer) => (this.picker.open(offer), this.options.screen.request()),
        say: this.saying.say,
      }),
    'list.up': () => this.welcome.move(-1, this.state.setup ?? []),
    'list.down': () => this.welcome.move(1, this.state.setup ?? []),
    'list.choose': () => {
      const choice = this.welcome.at(this.state.setup ?? [])
      if (choice !== undefined) this.intents.choose(choice)
    },
  }
}

function isPreparing({ sandbox }: State): boolean {
  return sandbox?.state === 'starting' || sandbox?.state === 'building'
}

/** True where nothing has changed but what the turn at work says and does. */
function goesOn(state: State, before: State): boolean {
  const keys = Object.keys(state) as (keyof State)[]
  return state.turn !== undefined && keys.every((key) => key === 'live' || key === 'next' || state[key] === before[key])
}
