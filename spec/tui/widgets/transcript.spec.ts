import { expect } from 'chai'
import type { Canvas } from '../../../lib/tui/canvas.ts'
import { Clipboard } from '../../../lib/tui/clipboard.ts'
import { Highlighter } from '../../../lib/tui/format/highlight.ts'
import { initialState, type Entry, type State } from '../../../lib/tui/state.ts'
import { shippedKeymap } from '../../support/app-screen.ts'
import { Transcript } from '../../../lib/tui/widgets/transcript.ts'

/** A canvas that keeps text by rows. */
function canvasOf(width: number, height: number): Canvas & { rows: string[] } {
  const rows = Array.from({ length: height }, () => '')
  return {
    width,
    height,
    rows,
    text(x, y, text) {
      rows[y] = rows[y]!.padEnd(x) + text
      return x + text.length
    },
    fill() {},
    cursor() {},
  }
}

/** A long conversation that counts how often one of its texts is looked at. */
function long(count: number): { state: State; looked: { times: number } } {
  const looked = { times: 0 }
  const settled = Array.from({ length: count }, (_, key): Entry => ({
    kind: 'text',
    key,
    get text() {
      looked.times += 1
      return `entry ${key}\n\nmore of it`
    },
  }))
  return { state: { ...initialState, settled }, looked }
}

const clipboard = new Clipboard({ terminal: () => {}, machine: () => Promise.resolve(false), say: () => {} })

const transcript = () =>
  new Transcript({
    keymap: shippedKeymap(),
    highlighter: new Highlighter(),
    clipboard,
    source: { open: (text) => Promise.resolve(text) },
    now: () => 0,
    openFile: () => {},
    changed: () => {},
    say: () => {},
  })

const streaming = (text: string): State => ({ ...initialState, live: [{ kind: 'text', key: 0, text }] })

describe('tui/widgets/transcript', () => {
  it('looks at nothing but what is in view, however long the conversation is', () => {
    const { state, looked } = long(100_000)
    const view = transcript()
    const canvas = canvasOf(80, 20)
    view.paint(canvas, state, 0)
    expect(canvas.rows.at(-1)).to.equal('   more of it')
    for (const move of [
      () => view.act('transcript.page-up'),
      () => view.act('transcript.up'),
      () => view.act('transcript.top'),
      () => view.act('transcript.page-down'),
      () => view.toEnd(),
    ]) {
      looked.times = 0
      move()
      view.paint(canvasOf(80, 20), state, 0)
      expect(looked.times).to.be.lessThan(400)
    }
  })

  it('keeps what is read in its place while more comes, other widths included', () => {
    const { state } = long(100)
    const view = transcript()
    view.paint(canvasOf(80, 10), state, 0)
    for (let i = 0; i < 50; i += 1) view.act('transcript.up')
    const before = canvasOf(80, 10)
    view.paint(before, state, 0)
    const grown = { ...state, live: [{ kind: 'text' as const, key: 100, text: 'new\n\n'.repeat(50) }] }
    const after = canvasOf(80, 10)
    view.paint(after, grown, 0)
    expect(after.rows).to.deep.equal(before.rows)
    view.paint(canvasOf(40, 10), grown, 0)
    const wide = canvasOf(80, 10)
    view.paint(wide, grown, 0)
    expect(wide.rows).to.deep.equal(before.rows)
  })

  it('shows all of a long line of code, set in as it is', () => {
    const view = transcript()
    const canvas = canvasOf(40, 6)
    view.paint(canvas, streaming('```\n  const a = oneFunction(withManyArguments, andMore)\nb\n```\n'), 0)
    expect(canvas.rows.slice(1, 4)).to.deep.equal([
      '       const a =',
      '         oneFunction(withManyArguments,',
      '         andMore)',
    ])
  })

  it('adds what streams to what is laid out, and gives the same as if it had come at once', () => {
    const text = 'One *two*.\n\n- a\n- b\n\n```\ncode\n```\n\nEnd of it'
    const view = transcript()
    for (let i = 1; i < text.length; i += 1) view.paint(canvasOf(40, 20), streaming(text.slice(0, i)), 0)
    const [streamed, whole] = [canvasOf(40, 20), canvasOf(40, 20)]
    view.paint(streamed, streaming(text), 0)
    transcript().paint(whole, streaming(text), 0)
    expect(streamed.rows).to.deep.equal(whole.rows)
    const others = canvasOf(40, 20)
    view.paint(others, streaming('Something else'), 0)
    expect(others.rows[1]).to.equal('   Something else')
  })
})
