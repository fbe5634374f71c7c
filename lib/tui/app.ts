import type { Action, Context } from '../config/actions.ts'
import type { Keymap } from '../config/keymap.ts'
import type { Bus } from '../core/bus.ts'
import { Disposables, type Disposable } from '../core/dispose.ts'
import { modes, type Answer, type Question, type SetupChoice } from '../core/events.ts'
import { hiding, opening, paneOf, sideViews, usual, type Arrangement, type Pane, type ViewName } from './arrangement.ts'
import { Clipboard } from './clipboard.ts'
import type { KeyEvent, MouseEvent } from './events.ts'
import { pathWord } from './editing/completion.ts'
import { fileOffer } from './files/file-offer.ts'
import { Highlighter } from './format/highlight.ts'
import { Offers } from './offers.ts'
import { Panes, paneWith, type Shown } from './panes.ts'
import { popOut } from './pop-out.ts'
import type { Screen } from './screen.ts'
import { offerSessions } from './session-offer.ts'
import { SlashCommands } from './slash.ts'
import type { Source } from './source.ts'
import { initialState, isFresh, type State } from './state.ts'
import type { Store } from './store.ts'
import type { View } from './view.ts'
import { placeholders } from './placeholders.ts'
import type { ViewParts } from './views.ts'
import { Approval } from './widgets/approval.ts'
import { Composer } from './widgets/composer.ts'
import { Picker } from './widgets/picker.ts'
import { Status } from './widgets/status.ts'
import { Transcript } from './widgets/transcript.ts'
import { Welcome } from './widgets/welcome.ts'
import { modeMeaning, titleOf, type Focus } from './words.ts'

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

/** How often what counts and turns is drawn, while something does. */
const tickMs = 100
/** Within this, a second press of the same key is meant as one with the first. */
const twiceMs = 2_000
/** Columns that a key moves a divider by. */
const dividerStep = 4
/** Files that are remembered as shown. */
const mostRecent = 50

/** Puts the panes on a screen and links them to the bus. Give it back with `dispose`. */
export function openApp(options: AppOptions): App {
  return new ScreenApp(options)
}

class ScreenApp implements App, Shown {
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
  /** What the viewer has shown, the latest first. */
  private recentFiles: readonly string[] = []
  /** Handed to every view that text can be copied from. */
  private readonly clipboard: Clipboard
  focus: Focus = 'composer'
  at: Pane = 'conversation'
  zoomed = false
  arrangement: Arrangement
  private pressed: string[] = []
  wanting: SetupChoice | undefined
  private interruptedAt = -Infinity
  message: string | undefined
  private messageTimer: NodeJS.Timeout | undefined
  private ticker: NodeJS.Timeout | undefined

  constructor(options: AppOptions) {
    this.options = options
    this.arrangement = options.arrangement ?? usual
    const { screen, bus, keymap, source } = options
    this.clipboard = new Clipboard({
      terminal: (text) => screen.setClipboard(text),
      machine: (text) => source.copy(text),
      say: (message) => this.say(message),
    })
    const highlighter = new Highlighter(() => {
      this.transcript.recolour()
      screen.request()
    })
    const { clipboard } = this
    this.offers = new Offers({
      ...options,
      state: () => this.state,
      views: () => this.views,
      files: () => fileOffer(source.paths, this.recentFiles, { open: this.openFile, mention: this.mention }),
      act: this.act,
    })
    this.composer = new Composer({
      source,
      slash: new SlashCommands(() => this.offers.slash()),
      clipboard,
      keymap,
      now: options.now,
      send: (text, kind) => this.send(text, kind),
      quit: () => bus.emit('app.quit', {}),
      offer: (offer) => this.picker.open(offer),
      say: (message) => this.say(message),
      changed: () => screen.request(),
      queue: () => this.state.queue,
      recall: (text) => bus.emit('prompt.recall', { text }),
    })
    this.owned.add(bus.on('prompt.recalled', (job) => this.composer.takeBack(job)))
    this.transcript = this.owned.add(
      new Transcript({
        keymap,
        highlighter,
        clipboard,
        source,
        openFile: this.openFile,
        now: options.now,
        changed: () => this.panes.requestMoving(),
        say: (message) => this.say(message),
      }),
    )
    const arrange = (arrangement: Arrangement) => this.arrange(arrangement)
    const views = options.createViews({
      keymap,
      source,
      bus,
      clipboard,
      arrange,
      changed: () => screen.request(),
      openFile: this.openFile,
      mention: this.mention,
      act: this.act,
      back: () => this.back(),
      arrangement: () => this.arrangement,
    })
    if (views instanceof Promise) void views.then((loaded) => this.show(loaded))
    else this.show(views)
    this.approval = this.owned.add(
      new Approval(keymap, {
        answer: (question, answer) => this.answer(question, answer),
        now: options.now,
        changed: () => screen.request(),
      }),
    )
    this.welcome = new Welcome(keymap, (choice) => this.choose(choice))
    const { composer, transcript, approval, welcome } = this
    const status = new Status(keymap, this.act)
    const widgets = { composer, transcript, approval, welcome, status, views: this.views, picker: this.picker }
    this.panes = this.owned.add(new Panes({ ...options, act: this.act, arrange }, widgets, () => this))
    this.owned.add(options.store.onChange((state, before) => this.hear(state, before)))
    this.owned.add(source.paths.onChange(() => this.picker.isOpen && (this.picker.again(), screen.request())))
    this.owned.add(screen.onKey((event) => this.onKey(event)))
    this.owned.add(screen.onPaste(({ text }) => this.onPaste(text)))
    this.owned.add(screen.onMouse((event) => this.onMouse(event)))
    this.owned.add({ dispose: () => (clearInterval(this.ticker), clearTimeout(this.messageTimer)) })
    if (this.state !== initialState) this.hear(this.state, initialState)
  }

  async dispose(): Promise<void> {
    await this.owned.dispose()
  }

  get state(): State {
    return this.options.store.state
  }

  private show(views: Views): void {
    for (const [name, view] of views) this.views.set(name, view)
    this.options.screen.request()
  }

  private hear(state: State, before: State): void {
    if (state.setup !== before.setup) this.setupChanged()
    if (state.mode !== before.mode && before.session !== undefined) this.say(modeMeaning(state))
    if (this.composer.asks === 'remark' && state.questions[0] !== before.questions[0]) this.composer.dropAsked()
    if (state.keyboard.holder === 'agent' && before.keyboard.holder === 'person' && this.focus === 'terminal')
      this.goTo('composer')
    this.approval.show(state.questions[0])
    this.tick()
    this.options.screen.setTitle(titleOf(state))
    if (this.transcript.following && goesOn(state, before)) this.panes.requestMoving()
    else this.options.screen.request()
    // The end of an answer waits for no frame.
    if (state.turn === undefined && before.turn !== undefined) this.options.screen.draw()
  }

  private setupChanged(): void {
    if (this.state.setup !== undefined && this.composer.editor.isEmpty && isFresh(this.state)) this.goTo('setup')
    else if (this.state.setup === undefined) {
      if (this.composer.asks === 'secret') this.composer.giveUp()
      if (this.focus === 'setup') this.goTo('composer')
    }
  }

  /** Starts what counts and turns, and stops it: an idle screen draws nothing. */
  private tick(): void {
    const { turn, questions, sandbox } = this.state
    const preparing = sandbox?.state === 'starting' || sandbox?.state === 'building'
    const moving = preparing || (turn !== undefined && questions.length === 0)
    if (!moving) {
      clearInterval(this.ticker)
      this.ticker = undefined
      return
    }
    this.ticker ??= setInterval(() => {
      if (this.state.sandbox?.state !== 'ready') this.options.screen.request()
      else this.panes.requestMoving()
    }, tickMs)
  }

  private onKey(event: KeyEvent): void {
    this.options.screen.request()
    if (this.isGrabbed && this.view!.key!(event)) return void (this.pressed = [])
    this.pressed.push(event.key)
    const action = this.meaning()
    if (action === 'pending') return
    this.pressed = []
    if (this.picker.isOpen) {
      if (action === undefined) this.picker.key(event)
      else this.picker.act(action)
      return
    }
    const [question] = this.state.questions
    const { asks } = this.composer
    if (question !== undefined && asks !== 'remark' && (action === undefined || action.startsWith('approval.'))) {
      const heard = this.approval.key(question, action, event.text)
      if (!heard && event.text !== undefined) this.composer.insert(event.text)
      return
    }
    if (this.focus === 'setup' && asks === undefined && event.text !== undefined) {
      const choice = this.welcome.at(this.state.setup ?? [], event.text)
      if (choice !== undefined) return this.choose(choice)
    }
    if (action !== undefined) return this.act(action)
    if (asks === undefined && this.view?.key?.(event) === true) return
    if (event.text === undefined || event.key === 'tab') return
    // Whoever types means the composer, wherever the focus is.
    if (asks !== undefined || this.focus === 'composer') return this.composer.type(event.text)
    this.goTo('composer')
    this.composer.insert(event.text)
  }

  private meaning(): Action | 'pending' | undefined {
    const { keymap } = this.options
    if (this.picker.isOpen) return keymap.action('picker', this.pressed)
    // While a turn is at work, what cancels it cancels it everywhere.
    const always = keymap.action('global', this.pressed)
    const own = keymap.action(this.contexts(), this.pressed)
    const cancels = always === 'turn.cancel' && this.state.turn !== undefined && this.composer.asks === undefined
    return cancels && !this.composer.leaves(own) ? always : own
  }

  /** Where a key is looked up, one after the other. */
  private contexts(): readonly Context[] {
    if (this.picker.isOpen) return ['picker']
    if (this.composer.asks === 'remark') return ['composer']
    if (this.state.questions.length > 0) return ['approval']
    if (this.composer.asks !== undefined) return ['composer']
    if (this.focus === 'setup') return ['list']
    if (this.view !== undefined) return this.view.contexts
    return this.composer.contexts
  }

  private onPaste(text: string): void {
    this.options.screen.request()
    if (this.picker.isOpen) return this.picker.paste(text)
    if (this.composer.asks === undefined && this.state.questions.length === 0) {
      if (this.view?.paste?.(text) === true) return
      this.goTo('composer')
    }
    this.composer.paste(text)
  }

  private onMouse(event: MouseEvent): void {
    const focus = this.panes.mouse(event)
    if (focus !== undefined) this.goTo(focus)
    if (event.action !== 'move') this.options.screen.request()
  }

  /** Does what an action's name says, for keys and clicks alike. */
  private readonly act = (action: Action): void => {
    this.options.screen.request()
    const offer = this.offers.of(action)
    if (offer !== undefined) return this.picker.open(offer)
    if (this.view?.act(action) === true || this.composer.act(action)) return
    if (!this.transcript.act(action)) this.acts[action]?.()
    else if (this.transcript.contexts[0] === 'search') this.goTo('transcript')
  }

  private readonly acts: Partial<Record<Action, () => void>> = {
    'app.quit': () => this.options.bus.emit('app.quit', {}),
    'app.interrupt': () => this.interrupt(),
    'app.suspend': () => this.options.screen.suspend(),
    'turn.cancel': () => this.cancel(),
    'screen.redraw': () => this.options.screen.repaint(),
    'mouse.toggle': () => {
      const { screen } = this.options
      screen.setMouse(!screen.mouse)
      this.say(screen.mouse ? 'the mouse is used here' : 'the mouse is the terminal’s')
    },
    'turn.undo': () => this.options.bus.emit('turn.undo', { to: 'back' }),
    'turn.redo': () => this.options.bus.emit('turn.undo', { to: 'forward' }),
    'mode.next': () => {
      const mode = modes[(modes.indexOf(this.state.mode) + 1) % modes.length]!
      this.options.bus.emit('mode.choose', { mode })
    },
    'focus.next': () => this.moveFocus(1),
    'focus.previous': () => this.moveFocus(-1),
    'conversation.open': () => this.goTo('transcript'),
    'prompt.open': () => this.back(),
    'files.open': () => this.open('files'),
    'viewer.open': () => this.open('viewer'),
    'diff.open': () => this.open('diff'),
    'terminal.open': () => this.open('terminal'),
    'keyboard.take': () => this.takeKeyboard(),
    'plan.open': () => this.open('plan'),
    'monitor.open': () => this.open('monitor'),
    'pane.hide': () => this.hide(),
    'pane.zoom': () => {
      this.zoomed = !this.zoomed
      this.at = paneWith(this.focus)
    },
    'pane.out': () => {
      const side = this.panes.isShown('side') ? this.arrangement.view : undefined
      void popOut(this.options.source, this.state, { focus: this.focus, side }, (said) => this.say(said))
    },
    'session.open': () =>
      void offerSessions(this.options.source, () => this.state, this.options.now(), {
        open: (offer) => (this.picker.open(offer), this.options.screen.request()),
        say: (message) => this.say(message),
      }),
    'pane.wider': () => this.widen(dividerStep),
    'pane.narrower': () => this.widen(-dividerStep),
    'commits.fetch': () => this.options.bus.emit('commits.fetch', {}),
    'port.open': () => {
      const { ports } = this.state
      const next = ports.find(({ local }) => local === undefined)
      if (next !== undefined) this.options.bus.emit('port.open', { port: next.port })
      else this.say(ports.length === 0 ? 'no port listens in the sandbox' : 'every port answers already')
    },
    'list.up': () => this.welcome.move(-1, this.state.setup ?? []),
    'list.down': () => this.welcome.move(1, this.state.setup ?? []),
    'list.choose': () => {
      const choice = this.welcome.at(this.state.setup ?? [])
      if (choice !== undefined) this.choose(choice)
    },
  }

  /** Sends a prompt or a command. False where nobody could answer: it stays until somebody can. */
  private send(text: string, kind: 'prompt' | 'command'): boolean {
    const { bus } = this.options
    if (kind === 'prompt' && this.state.setup !== undefined && this.state.model === '') {
      this.goTo('setup')
      this.say('choose how to begin first')
      return false
    }
    this.transcript.toEnd()
    this.at = 'conversation'
    if (kind === 'command') bus.emit('command.submit', { command: text })
    else bus.emit('prompt.submit', { text })
    return true
  }

  private choose(choice: SetupChoice): void {
    if (choice.secret !== true) return this.options.bus.emit('setup.choose', { key: choice.key })
    this.wanting = choice
    this.composer.ask('secret', (secret = '') => {
      this.wanting = undefined
      if (secret !== '') this.options.bus.emit('setup.choose', { key: choice.key, secret })
    })
  }

  /** Hands an answer on; a no to a call waits for a line that the model is told. */
  private answer(question: Question, answer: Answer): void {
    const { id, call } = question
    if (answer !== 'no' || call === undefined || this.composer.asks !== undefined)
      return this.options.bus.emit('approval.answer', { id, answer })
    this.composer.ask('remark', (remark = '') =>
      this.options.bus.emit('approval.answer', remark === '' ? { id, answer } : { id, answer, remark }),
    )
  }

  /** Cancels the turn, and every question with it; a question that no turn asked is answered no. */
  private cancel(): void {
    const { bus } = this.options
    const [question] = this.state.questions
    if (this.composer.giveUp()) return
    if (this.state.turn !== undefined) bus.emit('turn.cancel', {})
    else if (question !== undefined) bus.emit('approval.answer', { id: question.id, answer: 'no' })
    else if (this.focus !== 'setup') this.goTo('composer')
  }

  private interrupt(): void {
    const now = this.options.now()
    if (now - this.interruptedAt < twiceMs) return this.options.bus.emit('app.quit', {})
    this.interruptedAt = now
    if (this.state.turn !== undefined) this.options.bus.emit('turn.cancel', {})
    else this.composer.clear()
    const [key] = this.options.keymap.keysFor('app.interrupt')
    this.say(`${key} again quits`)
  }

  /** Says something on the status line for a moment. */
  private say(message: string): void {
    this.message = message
    clearTimeout(this.messageTimer)
    this.options.screen.request()
    this.messageTimer = setTimeout(() => {
      this.message = undefined
      this.options.screen.request()
    }, twiceMs)
  }

  /** What has the focus and answers for itself, if anything does. */
  private get view(): Pick<View, 'contexts' | 'act' | 'grabs' | 'key' | 'paste'> | undefined {
    return this.focus === 'transcript' ? this.transcript : this.views.get(this.focus as ViewName)
  }

  /** Moves the focus. The composer stands under whatever is looked at. */
  private goTo(focus: Focus): void {
    this.focus = focus
    if (focus === 'composer') return
    this.at = paneWith(focus)
    this.composer.leave()
  }

  private arrange(arrangement: Arrangement): void {
    this.arrangement = arrangement
    this.options.keepArrangement?.(arrangement)
    this.options.screen.request()
  }

  /** Shows a view and goes to it; where that is so already, hides it. */
  private open(name: ViewName): void {
    if (!this.views.has(name)) return
    if (this.focus === name) return this.hide()
    this.arrange(opening(this.arrangement, name))
    this.goTo(name)
  }

  readonly openFile = (path: string, { line, stay = false }: { line?: number; stay?: boolean } = {}): void => {
    this.recentFiles = [path, ...this.recentFiles.filter((one) => one !== path)].slice(0, mostRecent)
    this.views.get('viewer')?.show?.(path, line)
    this.arrange(opening(this.arrangement, 'viewer'))
    if (!stay) this.goTo('viewer')
  }

  private readonly mention = (path: string, more = ''): void => {
    this.composer.insert(`${pathWord(path)}${more} `)
    this.say('it is in the prompt')
  }

  private hide(): void {
    const pane = paneWith(this.focus)
    if (this.zoomed) this.zoomed = false
    else if (pane !== 'conversation' && this.panes.beside) this.arrange(hiding(this.arrangement, pane))
    this.back()
  }

  private back(): void {
    this.goTo('composer')
    this.at = 'conversation'
  }

  /** The keyboard of the agent's terminal goes to the person, who then looks at it, or back. */
  private takeKeyboard(): void {
    if (this.state.keyboard.holder === 'agent') this.open('terminal')
    this.views.get('terminal')?.act('keyboard.take')
  }

  private get isGrabbed(): boolean {
    return this.view?.grabs === true && !this.picker.isOpen && this.composer.asks === undefined
  }

  private widen(by: number): void {
    const pane = paneWith(this.focus)
    if (pane !== 'conversation') this.panes.resize(pane, by)
    else this.panes.resize(this.panes.isShown('side') ? 'side' : 'files', -by)
  }

  private moveFocus(by: -1 | 1): void {
    const fresh = isFresh(this.state)
    const order: Focus[] = ['composer']
    if (this.state.setup !== undefined) order.push('setup')
    if (this.state.setup === undefined || !fresh) order.push('transcript')
    // Of the panes beside the conversation those that are seen; of tabs all.
    const names: ViewName[] = this.panes.beside ? [this.arrangement.view, 'files'] : ['files', ...sideViews]
    for (const name of names)
      if (this.views.has(name) && (!this.panes.beside || this.panes.isShown(paneOf(name)))) order.push(name)
    const next = order[(order.indexOf(this.focus) + by + order.length) % order.length]!
    if (!this.panes.beside && this.views.has(next as ViewName))
      this.arrange(opening(this.arrangement, next as ViewName))
    this.goTo(next)
    if (next === 'composer') this.at = 'conversation'
  }
}

/** True where nothing has changed but what the turn at work says and does. */
function goesOn(state: State, before: State): boolean {
  const keys = Object.keys(state) as (keyof State)[]
  return state.turn !== undefined && keys.every((key) => key === 'live' || key === 'next' || state[key] === before[key])
}
