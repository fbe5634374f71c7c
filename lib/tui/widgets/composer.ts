import type { Action, Context } from '../../config/actions.ts'
import type { Keymap } from '../../config/keymap.ts'
import type { Tone } from '../../config/theme.ts'
import type { Canvas } from '../canvas.ts'
import type { Clipboard } from '../clipboard.ts'
import { plain, type Draft } from '../editing/draft.ts'
import type { Editor } from '../editing/editor.ts'
import { History } from '../editing/history.ts'
import type { SlashCommands } from '../slash.ts'
import type { Source } from '../source.ts'
import type { ViewMouse } from '../view.ts'
import { Completions, type Completed } from './completions.ts'
import type { Choice, Offer } from './picker.ts'
import { Hits } from './hits.ts'
import { TextArea } from './text-area.ts'
import { ViMode } from './vi-mode.ts'

/** How the composer presents itself. */
export interface ComposerLook {
  focused: boolean
  /** Said in dim letters while nothing is written. */
  placeholder: string
}

export interface ComposerParts {
  source: Pick<Source, 'prompts' | 'open' | 'paths'>
  slash: SlashCommands
  clipboard: Clipboard
  keymap: Pick<Keymap, 'set'>
  /** Milliseconds since 1970. */
  now(): number
  /** Takes what is sent: a prompt, or a command for the sandbox. False where it cannot be taken: it stays. */
  send(text: string, kind: 'prompt' | 'command'): boolean
  /** What ends the program is pressed in an empty prompt. */
  quit(): void
  /** Puts a list over the panes. */
  offer(offer: Offer): void
  /** Says something on the status line for a moment. */
  say(message: string): void
  /** Asks for a frame: something came in since. */
  changed(): void
  /** What waits for the turn's end, the next first. */
  queue(): readonly string[]
  /** Asks for one of them back. */
  recall(text: string): void
}

/** What is asked for instead of a prompt: a secret, or what to tell the model with a no. */
export type Asking = 'secret' | 'remark'

/** Prompts that wait and are shown. */
const mostQueued = 3

/** Where prompts are written: what keys and the mouse mean in it, and how it is shown. */
export class Composer {
  private readonly area = new TextArea()
  private readonly modes: ViMode
  /** The list over it. */
  readonly completions: Completions
  private readonly parts: ComposerParts
  private readonly history: History
  /** While something else is asked for, it is written in an editor of its own and never remembered. */
  private aside: { kind: Asking; area: TextArea; done: (text: string | undefined) => void } | undefined
  /** What was asked back to be written on. */
  private recalling: string | undefined
  private readonly hits = new Hits()
  /** The person's own editor has the draft. */
  private away = false
  private height = 1

  constructor(parts: ComposerParts) {
    this.parts = parts
    this.history = new History(() => parts.source.prompts.recent())
    const { slash, changed, source, keymap } = parts
    this.modes = new ViMode({ editor: this.editor, wanted: () => keymap.set === 'vi', changed: () => changed() })
    const choose = (completed: Completed) => this.complete(completed, completed.whole)
    this.completions = new Completions({ paths: source.paths, slash, changed, choose })
  }

  /** Where prompts are written, whatever is asked for meanwhile. */
  get editor(): Editor {
    return this.area.editor
  }

  get asks(): Asking | undefined {
    return this.aside?.kind
  }

  /** Where its keys are looked up. */
  get contexts(): readonly Context[] {
    const { selection, hasMark } = this.editor
    const region: Context[] = selection !== undefined || hasMark ? ['region'] : []
    const list: Context[] = this.completions.isOpen ? ['completion'] : []
    return this.aside === undefined ? [...this.modes.contexts, ...list, ...region, 'composer'] : ['composer']
  }

  /** True where an action ends something of the composer's own, which goes before what else its key means. */
  leaves(action: Action | 'pending' | undefined): boolean {
    return action === 'vi.normal' || action === 'select.drop' || (action === 'list.close' && this.completions.isOpen)
  }

  /** The focus goes elsewhere. */
  leave(): void {
    this.completions.close()
  }

  /** The mode that the set of keys has the prompt in, in words; undefined where it has none. */
  get mode(): string | undefined {
    return this.aside === undefined ? this.modes.word : undefined
  }

  /** True where what is written is a command for the sandbox and not a prompt. */
  get isCommand(): boolean {
    return this.aside === undefined && this.editor.text.startsWith('!')
  }

  /** Asks for a line; `done` gets it, or undefined where it was given up. */
  ask(kind: Asking, done: (text: string | undefined) => void): void {
    this.completions.close()
    this.aside = { kind, area: new TextArea(kind === 'secret'), done }
  }

  /** Ends the asking without an answer, where its reason has gone. */
  dropAsked(): void {
    this.aside = undefined
  }

  /** Gives up what is asked for. False where nothing is. */
  giveUp(): boolean {
    return this.answer(undefined)
  }

  /** Takes a character that no action is bound to, while the focus is here. */
  type(text: string): void {
    if (this.aside === undefined && !this.modes.isInserting) this.modes.type(text)
    else this.insert(text)
  }

  /** Puts text in at the cursor, to be gone on with. */
  insert(text: string): void {
    if (this.aside === undefined) this.modes.insert()
    this.current.editor.insert(text)
    this.look(true)
  }

  paste(text: string): void {
    if (this.aside === undefined) this.modes.makeRoom()
    this.current.editor.paste(text)
    this.look(false)
  }

  /** Empties it; undo brings it back. */
  clear(): void {
    const { editor } = this.current
    editor.remove({ from: 0, to: editor.text.length })
    if (this.aside === undefined) this.modes.reset()
    this.look(false)
  }

  /** Does what an action says. False where it is none of the composer's. */
  act(action: Action): boolean {
    if (this.completions.isOpen && this.actInList(action)) return true
    if (this.aside === undefined && this.modes.act(action)) {
      this.completions.close()
      return true
    }
    const own = this.acts[action]
    if (own === undefined && !this.current.act(action)) return false
    own?.()
    this.look(action.startsWith('text.'))
    return true
  }

  mouse(event: ViewMouse): void {
    const top = this.queued(this.height)
    if (event.action === 'down' && this.hits.click(event.x, event.y)) return
    this.current.mouse({ ...event, y: event.y - top }, this.parts.now())
    if (event.action === 'down') this.look(false)
  }

  /** Rows that it would like where it is so many columns wide. */
  rows(width: number): number {
    return this.current.rowsIn(width) + Math.min(this.parts.queue().length, mostQueued)
  }

  paint(canvas: Canvas, { focused, placeholder }: ComposerLook): void {
    this.height = canvas.height
    this.modes.follow()
    const top = this.queued(canvas.height)
    this.paintQueue(canvas, top)
    const mark: Tone = focused ? 'strong' : 'dim'
    canvas.text(1, top, '›', this.isCommand ? 'waiting' : mark)
    if (this.current.editor.isEmpty) canvas.text(3, top, placeholder, 'dim', canvas.width - 4)
    const shape = this.modes.shape(this.aside !== undefined)
    this.current.paint(canvas, { focused, tone: this.isCommand ? 'code' : 'normal', top, shape })
  }

  private get current(): TextArea {
    return this.aside?.area ?? this.area
  }

  /** Puts what was asked back into the prompt. */
  takeBack({ text, kind }: { text: string; kind: 'prompt' | 'command' }): void {
    if (text !== this.recalling) return
    this.recalling = undefined
    const written = plain(kind === 'command' ? `!${text}` : text)
    this.editor.load({ ...written, cursor: written.text.length })
  }

  /** In an empty prompt: asks the last that waits back. False where none does. */
  private askBack(): boolean {
    const last = this.parts.queue().at(-1)
    if (last === undefined || this.aside !== undefined || !this.editor.isEmpty) return false
    this.recalling = last
    this.parts.recall(last)
    return true
  }

  /** Rows over the text for what waits; one is left for the text. */
  private queued(height: number): number {
    return Math.max(0, Math.min(this.parts.queue().length, mostQueued, height - 1))
  }

  /** What waits, the last of it; a click takes one back, one on the × removes it. */
  private paintQueue(canvas: Canvas, rows: number): void {
    this.hits.clear()
    const { width } = canvas
    for (const [y, text] of this.parts
      .queue()
      .slice(-rows || Infinity)
      .entries()) {
      canvas.text(1, y, '⋯', 'dim')
      canvas.text(3, y, text.replaceAll(/\s*\n\s*/g, ' ⏎ '), 'dim', width - 24)
      const end = y === rows - 1 && this.editor.isEmpty ? '↑ takes it back' : 'queued'
      canvas.text(width - 4 - end.length, y, end, 'dim')
      canvas.text(width - 2, y, '×', 'normal')
      this.hits.add(width - 3, y, 3, () => this.parts.recall(text))
      this.hits.add(
        0,
        y,
        width - 3,
        () => void (this.editor.isEmpty && ((this.recalling = text), this.parts.recall(text))),
      )
    }
  }

  private look(typed: boolean): void {
    if (this.aside === undefined && this.modes.isInserting) this.completions.look(this.editor.draft, typed)
  }

  private actInList(action: Action): boolean {
    if (action !== 'list.choose' && action !== 'list.complete') return this.completions.act(action)
    const completed = this.completions.chosen()
    if (action === 'list.choose' && this.completions.isWritten) this.submit()
    else if (completed !== undefined) this.complete(completed, completed.whole && action === 'list.choose')
    return true
  }

  /** Puts what was chosen into the prompt; `send`: and sends that. */
  private complete({ range, text }: Completed, send: boolean): void {
    this.editor.replace(range, plain(text))
    if (send) this.submit()
    else this.look(true)
  }

  private readonly acts: Partial<Record<Action, () => void>> = {
    'prompt.submit': () => this.submit(),
    'prompt.eof': () => {
      if (this.current.editor.isEmpty) this.parts.quit()
      else this.current.act('text.delete-right')
    },
    'prompt.edit': () => void this.editOutside(),
    'prompt.unfold': () => {
      if (this.current.editor.unfold() === 'too long') this.parts.say('too long to be edited here: open the prompt in your editor')
    },
    'cursor.up': () => void (this.askBack() || this.current.vertical(-1) || this.recall(-1)),
    'cursor.down': () => void (this.current.vertical(1) || this.recall(1)),
    'history.previous': () => this.recall(-1),
    'history.next': () => this.recall(1),
    'history.search': () => this.search(),
    'edit.copy': () => this.copied(this.current.editor.copy()),
    'edit.cut': () => this.copied(this.current.editor.cut()),
  } // prettier-ignore

  private submit(): void {
    const { editor } = this
    if (this.aside !== undefined) return void this.answer(this.aside.area.editor.expanded().trim())
    const { text, cursor } = editor.draft
    // For terminals that send the same for Shift+Enter as for Enter.
    if (text[cursor - 1] === '\\') return editor.replace({ from: cursor - 1, to: cursor }, plain('\n'))
    const written = editor.expanded()
    if (written.trim() === '') return
    this.completions.close()
    const slash = this.parts.slash.run(written)
    if (slash?.done === false) return this.parts.say(slash.problem)
    if (slash?.done === true) return this.remember(written)
    const command = text.startsWith('!') ? written.slice(1).trim() : ''
    const taken = command === '' ? this.parts.send(written, 'prompt') : this.parts.send(command, 'command')
    if (taken) this.remember(written)
  }

  /** What is written has been sent. */
  private remember(written: string): void {
    this.history.add(this.editor.draft)
    this.parts.source.prompts.keep(written)
    this.editor.reset()
    this.modes.reset()
  }

  private answer(text: string | undefined): boolean {
    const { aside } = this
    this.aside = undefined
    aside?.done(text)
    return aside !== undefined
  }

  private recall(by: -1 | 1): void {
    if (this.aside !== undefined) return
    const draft = this.history.step(by, this.editor.draft)
    if (draft !== undefined) this.editor.load(draft)
  }

  /** The prompts of this project, to be found by what is typed. */
  private search(): void {
    if (this.aside !== undefined) return
    const choices = this.history.texts().map((draft): Choice => ({
      label: draft.text.replaceAll(/\s*\n\s*/g, ' ⏎ '),
      run: () => this.load(draft),
    }))
    this.parts.offer({ title: 'Prompts', hint: 'what is in it?', choices })
  }

  private load(draft: Draft): void {
    this.editor.load(draft)
    this.history.leave()
  }

  private copied(text: string | undefined): void {
    if (text === undefined) this.parts.say('nothing is selected')
    else if (this.asks !== 'secret') void this.parts.clipboard.copy(text)
  }

  /** The draft in the person's own editor. What that leaves takes its place, and can be undone. */
  private async editOutside(): Promise<void> {
    if (this.aside !== undefined || this.away) return
    this.away = true
    const before = this.editor.expanded()
    try {
      const after = (await this.parts.source.open(before, 'editor', 'prompt.md')).replace(/\n$/, '')
      if (after !== before) this.editor.load({ ...plain(after), cursor: after.length })
    } catch (error) {
      this.parts.say(error instanceof Error ? error.message : String(error))
    }
    this.away = false
    this.parts.changed()
  }
}
