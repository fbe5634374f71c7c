import { expect } from 'chai'
import { chip, Editor, type Edit } from '../../../lib/tui/widgets/editor.ts'

/** Text with `|` where the cursor is. */
function show(editor: Editor): string {
  const { text, cursor } = editor.draft
  return `${text.slice(0, cursor)}|${text.slice(cursor)}`
}

function edit(text: string, ...edits: (Edit | { type: string })[]): string {
  const editor = new Editor()
  const at = text.indexOf('|')
  editor.insert(text.replace('|', ''))
  editor.move(at)
  for (const one of edits) {
    if (typeof one === 'string') editor.act(one)
    else for (const character of one.type) editor.insert(character)
  }
  return show(editor)
}

describe('tui/widgets/editor', () => {
  const cases: [from: string, edits: (Edit | { type: string })[], to: string][] = [
    ['a|b', [{ type: 'xy' }], 'axy|b'],
    ['ab|', ['left', 'left', 'left'], '|ab'],
    ['|ab', ['right', 'right', 'right'], 'ab|'],
    ['a👨‍👩‍👧|b', ['left'], 'a|👨‍👩‍👧b'],
    ['a|👨‍👩‍👧b', ['right'], 'a👨‍👩‍👧|b'],
    ['e\u0301x|', ['left', 'left'], '|e\u0301x'],
    ['日本|', ['delete-left'], '日|'],
    ['🇩🇪🇫🇷|', ['delete-left'], '🇩🇪|'],
    ['|👩‍💻x', ['delete-right'], '|x'],
    ['one two  |', ['word-left'], 'one |two  '],
    ['one.two|', ['word-left', 'word-left'], 'one|.two'],
    ['|  one two', ['word-right'], '  one| two'],
    ['größe schön|', ['delete-word-left'], 'größe |'],
    ['|one two', ['delete-word-right'], '| two'],
    ['a\nb c|d\ne', ['line-start'], 'a\n|b cd\ne'],
    ['a\nb|cd\ne', ['line-end'], 'a\nbcd|\ne'],
    ['a\n|b', ['left'], 'a|\nb'],
    ['a\n|b', ['delete-left'], 'a|b'],
    ['a\nb|c', ['text-start'], '|a\nbc'],
    ['a|\nbc', ['text-end'], 'a\nbc|'],
    ['one two|', ['delete-word-left', 'delete-word-left', 'yank'], 'one |'],
    ['one t|wo', ['kill-to-start', 'yank'], 'one t|wo'],
    ['one t|wo', ['kill-to-end', 'yank', 'yank'], 'one twowo|'],
    ['a|\nb', ['kill-to-end'], 'a|b'],
    ['a|b', ['newline'], 'a\n|b'],
    ['|', [{ type: 'one two' }, 'undo'], 'one |'],
    ['|', [{ type: 'one two' }, 'undo', 'undo', 'undo', 'redo'], 'one|'],
    ['abc|', ['clear', 'undo'], 'abc|'],
    ['ab|c', ['undo', 'redo'], 'ab|c'],
    ['|', ['left', 'delete-left', 'kill-to-end', 'yank', 'undo', 'redo'], '|'],
  ]
  for (const [from, edits, to] of cases) {
    const done = edits.map((one) => (typeof one === 'string' ? one : JSON.stringify(one.type))).join(', ')
    it(`${JSON.stringify(from)}: ${done}`, () => expect(edit(from, ...edits)).to.equal(to))
  }

  it('says whether a key found something to do', () => {
    const editor = new Editor()
    expect(editor.act('delete-left')).to.equal(false)
    editor.insert('a')
    expect(editor.act('delete-left')).to.equal(true)
  })

  it('keeps a paste whole, and one of more than a thousand lines as a chip', () => {
    const editor = new Editor()
    editor.insert('a b')
    editor.move(1)
    editor.paste('x\r\ny\rz')
    expect(editor.text).to.equal('ax\ny\nz b')
    const long = Array.from({ length: 1_001 }, (_, i) => `line ${i}`).join('\n')
    editor.paste(long)
    expect(editor.text).to.equal(`ax\ny\nz${chip} b`)
    expect(editor.draft.chips.map(({ label }) => label)).to.deep.equal(['[pasted 1001 lines]'])
    expect(editor.expanded()).to.equal(`ax\ny\nz${long} b`)
    editor.act('undo')
    expect(show(editor)).to.equal('ax\ny\nz| b')
    editor.act('redo')
    editor.act('delete-left')
    expect(editor.expanded()).to.equal('ax\ny\nz b')
    expect(editor.draft.chips).to.deep.equal([])
  })

  it('keeps several chips apart, wherever they are put and taken out', () => {
    const editor = new Editor()
    const [one, two, three] = ['1', '2', '3'].map((digit) => digit.repeat(10_001)) as [string, string, string]
    editor.paste(one)
    editor.paste(three)
    editor.act('left')
    editor.paste(two)
    expect(editor.expanded()).to.equal(one + two + three)
    editor.act('delete-left')
    expect(editor.expanded()).to.equal(one + three)
    editor.act('text-start')
    editor.act('kill-to-end')
    expect(editor.expanded()).to.equal('')
    editor.act('yank')
    expect(editor.expanded()).to.equal(one + three)
  })

  it('takes no pasted character for a chip', () => {
    const editor = new Editor()
    editor.paste(`a${chip}b`)
    expect(editor.expanded()).to.equal('a\ufffdb')
  })

  it('takes ten megabytes', () => {
    const editor = new Editor()
    const text = 'x\n'.repeat(5_000_000)
    editor.paste(text)
    editor.insert('!')
    expect(editor.text).to.equal(`${chip}!`)
    expect(editor.take() === `${text}!`).to.equal(true)
  })

  it('goes through what was sent, and comes back to what was being written', () => {
    const editor = new Editor()
    for (const text of ['one', 'two', 'two', '  ']) {
      editor.insert(text)
      expect(editor.take()).to.equal(text)
    }
    editor.insert('draft')
    const seen = [-1, -1, -1, 1, 1, 1].map((step) => {
      editor.recall(step as 1 | -1)
      return editor.text
    })
    expect(seen).to.deep.equal(['two', 'one', 'one', 'two', 'draft', 'draft'])
  })
})
