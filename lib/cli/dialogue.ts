import type { Bus } from '../core/bus.ts'
import { modes, type Question, type Shows } from '../core/events.ts'
import { describe } from '../core/failure.ts'
import type { Selection } from '../core/changes.ts'
import type { Store } from '../tui/store.ts'
import type { Workspace } from '../workspace/workspace.ts'
import type { PlainSetup } from './plain-setup.ts'
import type { Teller } from './teller.ts'
import { summary, uncoloured, unified } from './unified.ts'

export interface DialogueOptions {
  bus: Bus
  store: Store
  teller: Teller
  stdout: NodeJS.WritableStream
  workspace: () => Promise<Workspace>
  setup: PlainSetup
}

const help = [
  'A line is a prompt. While a question waits, a line is its answer: the number of a choice.',
  '/diff [PATH]: the changes of the workspace.',
  '/apply [PATH]: write them, or those of one path, to the project.',
  '/discard [PATH]: throw them away.',
  '/undo, /redo: a turn back, or forward again.',
  `/mode ${modes.join('|')}: when changes are applied.`,
  '/model PROVIDER/MODEL: another model.',
  '/cancel: end the turn, as Ctrl-C does.',
  '/quit: end, as the end of the input does.',
]

/** What a person says line by line, as intents; and what has to be asked or said in between. */
export class Dialogue {
  private readonly options: DialogueOptions
  private asked: Question | undefined
  private closed = false
  /** Words are done in their order: settles with the last that was said. */
  private words = Promise.resolve()

  constructor(options: DialogueOptions) {
    this.options = options
    const { bus, store, teller } = options
    store.onChange(() => this.look())
    bus.on('prompt.queued', () => teller.note('It waits for the end of the turn.'))
    bus.on('mode.chosen', ({ mode }) => teller.note(`The mode is ${mode}.`))
    bus.on('model.chosen', ({ model }) => teller.note(`The model is ${model}.`))
    bus.on('changes.discarded', ({ paths }) => teller.note(`Discarded ${paths.join(', ')}.`))
    bus.on('turn.undone', () => this.tellChanges())
    bus.on('turn.ended', ({ end, failure }) => {
      teller.note(end === 'done' ? 'The turn is done.' : `The turn ended: ${failure?.message ?? end}`)
      this.tellChanges()
      this.mark()
    })
    this.mark()
  }

  /** Takes one line of the person's. */
  take(line: string): void {
    const { bus, setup } = this.options
    const text = line.trim()
    if (this.asked !== undefined) return this.answer(this.asked, text)
    if (text === '') return this.mark()
    if (text.startsWith('/')) {
      const [word, ...rest] = text.slice(1).split(/\s+/)
      this.next(() => this.say(word!, rest))
    } else if (setup.isOpen) this.next(() => setup.take(text))
    else bus.emit('prompt.submit', { text: line })
  }

  private next(word: () => Promise<void>): void {
    this.words = this.words
      .then(word)
      .catch((error: unknown) => this.options.teller.note(describe(error).message))
      .then(() => this.mark())
  }

  /** No more lines come: what waits for an answer gets a no. Resolves once all that was said is done. */
  close(): Promise<void> {
    this.closed = true
    if (this.asked !== undefined) this.options.bus.emit('approval.answer', { id: this.asked.id, answer: 'no' })
    return this.words
  }

  private async say(word: string, rest: string[]): Promise<void> {
    const { bus, teller } = this.options
    const selection: Selection = rest.length === 0 ? 'all' : { paths: rest }
    if (word === 'help') return help.forEach((line) => teller.note(line))
    if (word === 'diff') return this.diff(rest)
    if (word === 'apply') return bus.emit('changes.apply', { selection })
    if (word === 'discard') return bus.emit('changes.discard', { selection })
    if (word === 'undo' || word === 'redo') return bus.emit('turn.undo', { to: word === 'undo' ? 'back' : 'forward' })
    if (word === 'cancel') return bus.emit('turn.cancel', {})
    if (word === 'quit') return bus.emit('app.quit', {})
    const mode = modes.find((one) => one === rest[0])
    if (word === 'mode' && mode !== undefined) return bus.emit('mode.choose', { mode })
    if (word === 'model' && rest[0] !== undefined) return bus.emit('model.choose', { model: rest[0] })
    teller.note(`/${word} says nothing here; /help has the words.`)
  }

  private async diff(paths: string[]): Promise<void> {
    const { teller, stdout } = this.options
    const workspace = await this.options.workspace()
    const changes = (await workspace.changes()).filter(({ path }) => paths.length === 0 || paths.includes(path))
    if (changes.length === 0) teller.note('There are no changes.')
    for (const { path } of changes) stdout.write(unified(await workspace.diff(path), uncoloured))
  }

  private look(): void {
    const { state } = this.options.store
    const [question] = state.questions
    if (question?.id !== this.asked?.id) {
      this.asked = question
      if (question !== undefined) this.ask(question)
    }
  }

  private ask({ title, shows, body, choices, id }: Question): void {
    const { bus, teller } = this.options
    if (this.closed) return bus.emit('approval.answer', { id, answer: 'no' })
    teller.note(title)
    for (const line of [...(shows === undefined ? [] : linesShown(shows)), ...body]) teller.note(`  ${line}`)
    for (const [index, { label }] of choices.entries()) teller.note(`${index + 1}. ${label}`)
    teller.note(`Type a number from 1 to ${choices.length}; behind that of a no, what is to be done instead.`)
  }

  private answer({ id, choices }: Question, text: string): void {
    const { bus, teller } = this.options
    const [, number, remark] = /^(\d+)\.?(?:\s+(.*))?$/.exec(text) ?? []
    const choice = choices[Number(number) - 1]
    if (choice === undefined) return teller.note(`Type a number from 1 to ${choices.length}.`)
    const said = { id, answer: choice.answer }
    bus.emit('approval.answer', choice.answer === 'no' && remark !== undefined ? { ...said, remark } : said)
  }

  private tellChanges(): void {
    const { store, teller } = this.options
    const { changes } = store.state
    for (const change of changes) teller.note(summary(change))
    if (changes.length > 0) teller.note('/diff shows the changes, /apply writes them to the project.')
  }

  /** Says that a line is waited for. */
  private mark(): void {
    const { state } = this.options.store
    if (state.turn === undefined && state.questions.length === 0 && !this.closed) this.options.stdout.write('> ')
  }
}

/** What exactly will run or change, line by line. */
function linesShown(shows: Shows): string[] {
  if (shows.kind === 'command') return shows.text.split('\n')
  return shows.files.flatMap(({ path, hunks, note }) => [
    path,
    ...(note === undefined ? [] : [note]),
    ...hunks.flatMap(({ lines }) => lines.map(({ sign, text }) => `${sign} ${text}`)),
  ])
}
