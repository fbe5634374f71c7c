import { expect } from 'chai'
import type { Action } from '../../../lib/config/actions.ts'
import { Editor } from '../../../lib/tui/editing/editor.ts'
import { thrown } from '../../support/random.ts'

/** An editor as one would write it first: a list of graphemes, copied whole for each step. */
class Naive {
  text: string[] = []
  cursor = 0
  anchor: number | undefined
  private past: [string[], number, number | undefined][] = []
  private future: [string[], number, number | undefined][] = []
  private killed: string[] = []
  private killing = false

  insert(grapheme: string): void {
    const [from, to] = this.chosen ?? [this.cursor, this.cursor]
    this.replace(from, to, [grapheme])
  }

  act(action: Action): void {
    const [group, name] = action.split('.') as [string, string]
    if (action === 'edit.undo') return this.travel(this.past, this.future)
    if (action === 'edit.redo') return this.travel(this.future, this.past)
    if (action === 'text.yank') {
      if (this.killed.length > 0) this.replace(...(this.chosen ?? [this.cursor, this.cursor]), this.killed)
      return
    }
    if (action === 'select.all') {
      this.anchor = 0
      this.cursor = this.text.length
      this.killing = false
      return
    }
    if (group === 'text') return this.remove(name)
    const chosen = this.chosen
    const target = this.target(name)
    this.killing = false
    if (group === 'select') this.anchor ??= this.cursor
    else this.anchor = undefined
    if (group === 'cursor' && chosen && name === 'left') this.cursor = chosen[0]
    else if (group === 'cursor' && chosen && name === 'right') this.cursor = chosen[1]
    else this.cursor = target
  }

  private remove(name: string): void {
    const motions: Record<string, string> = {
      'delete-left': 'left',
      'delete-right': 'right',
      'kill-word-left': 'word-left',
      'kill-word-right': 'word-right',
      'kill-to-start': 'line-start',
      'kill-to-end': 'line-end',
    }
    let target = this.target(motions[name]!)
    if (name === 'kill-to-end' && target === this.cursor) target = Math.min(this.text.length, target + 1)
    const [from, to] = this.chosen ?? [Math.min(target, this.cursor), Math.max(target, this.cursor)]
    if (from === to) return
    const gone = this.text.slice(from, to)
    const kills = name.startsWith('kill')
    const before = name.endsWith('left') || name.endsWith('start')
    const goesOn = kills && this.killing
    if (kills) this.killed = goesOn ? (before ? [...gone, ...this.killed] : [...this.killed, ...gone]) : gone
    this.replace(from, to, [])
    this.killing = kills
  }

  private target(name: string): number {
    const { text } = this
    let at = this.cursor
    const back = () => text[at - 1]
    if (name === 'left') return Math.max(0, at - 1)
    if (name === 'right') return Math.min(text.length, at + 1)
    if (name === 'text-start') return 0
    if (name === 'text-end') return text.length
    if (name === 'line-start') while (at > 0 && back() !== '\n') at -= 1
    if (name === 'line-end') while (at < text.length && text[at] !== '\n') at += 1
    if (name === 'word-left') {
      while (at > 0 && kind(back()!) === 'space') at -= 1
      at -= runLength(text.slice(0, at).toReversed())
    }
    if (name === 'word-right') {
      while (at < text.length && kind(text[at]!) === 'space') at += 1
      at += runLength(text.slice(at))
    }
    return at
  }

  private get chosen(): [number, number] | undefined {
    if (this.anchor === undefined || this.anchor === this.cursor) return undefined
    return [Math.min(this.anchor, this.cursor), Math.max(this.anchor, this.cursor)]
  }

  private replace(from: number, to: number, by: string[]): void {
    this.past.push([this.text, this.cursor, this.anchor])
    this.future = []
    this.text = this.text.toSpliced(from, to - from, ...by)
    this.cursor = from + by.length
    this.anchor = undefined
    this.killing = false
  }

  private travel(from: Naive['past'], to: Naive['past']): void {
    const found = from.pop()
    this.killing = false
    if (found === undefined) return
    to.push([this.text, this.cursor, this.anchor])
    ;[this.text, this.cursor, this.anchor] = found
  }
}

/** How many at the beginning are of the first one's kind; none where that is space. */
function runLength(text: readonly string[]): number {
  const first = kind(text[0] ?? ' ')
  const end = text.findIndex((grapheme) => kind(grapheme) !== first)
  return first === 'space' ? 0 : end < 0 ? text.length : end
}

function kind(grapheme: string): 'space' | 'word' | 'sign' {
  if (/^\s/.test(grapheme)) return 'space'
  return /^[\p{L}\p{N}_]/u.test(grapheme) ? 'word' : 'sign'
}

const alphabet = ['a', 'b', '_', ' ', ' ', '\n', '.', '-', '日', 'ß', 'e\u0301', '👨‍👩‍👧', '🇩🇪', '👍🏽', '\t']
const actions = [
  ...['left', 'right', 'word-left', 'word-right', 'line-start', 'line-end', 'text-start', 'text-end'].map(
    (name) => `cursor.${name}`,
  ),
  ...['left', 'right', 'word-left', 'word-right', 'text-start', 'text-end', 'all'].map((name) => `select.${name}`),
  ...['delete-left', 'delete-right', 'kill-word-left', 'kill-word-right', 'kill-to-start', 'kill-to-end', 'yank'].map(
    (name) => `text.${name}`,
  ),
  'edit.undo',
  'edit.undo',
  'edit.redo',
] as Action[]

describe('an editor against a naive one', function () {
  this.timeout(60_000)

  const sequences = process.env['DRYDOCK_SOAK'] ? 50_000 : 5_000

  it(`holds the same after each of ${sequences} random sequences of edits`, () => {
    for (let seed = 0; seed < sequences; seed += 1) {
      const next = thrown(seed).below
      const clock = { now: 0 }
      const editor = new Editor(() => (clock.now += 2_000))
      const naive = new Naive()
      const done: string[] = []
      for (let step = 0; step < 30; step += 1) {
        if (next(5) < 2) {
          const grapheme = alphabet[next(alphabet.length)]!
          done.push(JSON.stringify(grapheme))
          editor.insert(grapheme)
          naive.insert(grapheme)
        } else {
          const action = actions[next(actions.length)]!
          done.push(action)
          editor.act(action)
          naive.act(action)
        }
        const before = naive.text.slice(0, naive.cursor).join('')
        if (editor.text !== naive.text.join('') || editor.cursor !== before.length)
          expect(editor.draft, `seed ${seed}: ${done.join(' ')}`).to.include({
            text: naive.text.join(''),
            cursor: before.length,
          })
      }
    }
  })
})
