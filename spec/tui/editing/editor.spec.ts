import { expect } from 'chai'
import type { Action } from '../../../lib/config/actions.ts'
import { chip } from '../../../lib/tui/editing/draft.ts'
import { Editor } from '../../../lib/tui/editing/editor.ts'

/** Text with `|` where the cursor is. */
function show(editor: Editor): string {
  const { text, cursor } = editor.draft
  return `${text.slice(0, cursor)}|${text.slice(cursor)}`
}

function edit(text: string, ...edits: (Action | { type: string })[]): string {
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

describe('tui/editing/editor', () => {
  const cases: [from: string, edits: (Action | { type: string })[], to: string][] = [
    ['a|b', [{ type: 'xy' }], 'axy|b'],
    ['ab|', ['cursor.left', 'cursor.left', 'cursor.left'], '|ab'],
    ['|ab', ['cursor.right', 'cursor.right', 'cursor.right'], 'ab|'],
    ['a👨‍👩‍👧|b', ['cursor.left'], 'a|👨‍👩‍👧b'],
    ['a|👨‍👩‍👧b', ['cursor.right'], 'a👨‍👩‍👧|b'],
    ['e\u0301x|', ['cursor.left', 'cursor.left'], '|e\u0301x'],
    ['日本|', ['text.delete-left'], '日|'],
    ['🇩🇪🇫🇷|', ['text.delete-left'], '🇩🇪|'],
    ['|👩‍💻x', ['text.delete-right'], '|x'],
    ['one two  |', ['cursor.word-left'], 'one |two  '],
    ['one.two|', ['cursor.word-left', 'cursor.word-left'], 'one|.two'],
    ['|  one two', ['cursor.word-right'], '  one| two'],
    ['größe schön|', ['text.kill-word-left'], 'größe |'],
    ['|one two', ['text.kill-word-right'], '| two'],
    ['a\nb c|d\ne', ['cursor.line-start'], 'a\n|b cd\ne'],
    ['a\nb|cd\ne', ['cursor.line-end'], 'a\nbcd|\ne'],
    ['a\n|b', ['cursor.left'], 'a|\nb'],
    ['a\n|b', ['text.delete-left'], 'a|b'],
    ['a\nb|c', ['cursor.text-start'], '|a\nbc'],
    ['a|\nbc', ['cursor.text-end'], 'a\nbc|'],
    ['one two|', ['text.kill-word-left', 'text.kill-word-left', 'text.yank'], 'one two|'],
    ['a b|', ['text.kill-word-left', 'cursor.left', 'text.kill-to-start', 'text.yank', 'text.yank-pop'], 'b| '],
    ['a b|', ['text.kill-word-left', 'cursor.left', 'text.kill-to-start', 'text.yank-pop'], '| '],
    ['ab|c', ['text.transpose'], 'acb|'],
    ['ab\n|', ['text.transpose'], 'ab\n|'],
    ['abc|', ['text.transpose'], 'acb|'],
    ['ab|c', ['select.left', { type: 'x' }], 'ax|c'],
    ['a b|', ['select.word-left', 'text.delete-left'], 'a |'],
    ['ab|cd', ['select.left', 'select.left', 'cursor.right'], 'ab|cd'],
    ['ab|cd', ['select.right', 'cursor.left'], 'ab|cd'],
    ['ab|cd', ['select.all', 'text.kill-word-left', 'text.yank', 'text.yank'], 'abcdabcd|'],
    ['a b|', ['select.text-start', 'text.delete-right', 'edit.undo'], '|a b'],
    ['one t|wo', ['text.kill-to-start', 'text.yank'], 'one t|wo'],
    ['one t|wo', ['text.kill-to-end', 'text.yank', 'text.yank'], 'one twowo|'],
    ['a|\nb', ['text.kill-to-end'], 'a|b'],
    ['a|b', ['prompt.newline'], 'a\n|b'],
    ['|', [{ type: 'one two' }, 'edit.undo'], 'one |'],
    ['|', [{ type: 'one two' }, 'edit.undo', 'edit.undo', 'edit.undo', 'edit.redo'], 'one|'],
    ['ab|c', ['edit.undo', 'edit.redo'], 'ab|c'],
    ['|', ['cursor.left', 'text.delete-left', 'text.kill-to-end', 'text.yank', 'edit.undo', 'edit.redo'], '|'],
  ]
  for (const [from, edits, to] of cases) {
    const done = edits.map((one) => (typeof one === 'string' ? one : JSON.stringify(one.type))).join(', ')
    it(`${JSON.stringify(from)}: ${done}`, () => expect(edit(from, ...edits)).to.equal(to))
  }

  it('says whether an action is one of its own', () => {
    const editor = new Editor()
    expect(editor.act('text.delete-left')).to.equal(true)
    expect(editor.act('app.quit')).to.equal(false)
  })

  it('begins another step of undo where the typing paused', () => {
    const clock = { now: 0 }
    const editor = new Editor(() => clock.now)
    for (const character of 'ab') editor.insert(character)
    clock.now += 1_000
    for (const character of 'cd') editor.insert(character)
    editor.act('edit.undo')
    expect(editor.text).to.equal('ab')
    editor.act('edit.undo')
    expect(editor.text).to.equal('')
  })

  it('hands on what is copied and cut, whole, and keeps it', () => {
    const editor = new Editor()
    const long = 'x'.repeat(10_000)
    editor.insert('a')
    editor.paste(long)
    expect(editor.copy()).to.equal(undefined)
    editor.act('select.all')
    expect(editor.copy()).to.equal(`a${long}`)
    expect(editor.cut()).to.equal(`a${long}`)
    expect(editor.text).to.equal('')
    editor.act('text.yank')
    expect(editor.text).to.equal(`a${chip}`)
    expect(editor.expanded()).to.equal(`a${long}`)
  })

  it('unfolds the chip at the cursor, unless nobody could edit that', () => {
    const editor = new Editor()
    expect(editor.unfold()).to.equal(false)
    editor.paste('line\n'.repeat(30))
    expect([editor.text, editor.unfold()]).to.deep.equal([chip, true])
    expect(show(editor)).to.equal(`${'line\n'.repeat(30)}|`)
    editor.act('edit.undo')
    expect(editor.text).to.equal(chip)
    editor.paste('x'.repeat(100_001))
    expect([editor.unfold(), editor.text]).to.deep.equal(['too long', chip + chip])
  })

  it('keeps a paste whole, and a long one as a chip', () => {
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
    editor.act('edit.undo')
    expect(show(editor)).to.equal('ax\ny\nz| b')
    editor.act('edit.redo')
    editor.act('text.delete-left')
    expect(editor.expanded()).to.equal('ax\ny\nz b')
    expect(editor.draft.chips).to.deep.equal([])
  })

  it('keeps several chips apart, wherever they are put and taken out', () => {
    const editor = new Editor()
    const [one, two, three] = ['1', '2', '3'].map((digit) => digit.repeat(10_001)) as [string, string, string]
    editor.paste(one)
    editor.paste(three)
    editor.act('cursor.left')
    editor.paste(two)
    expect(editor.expanded()).to.equal(one + two + three)
    editor.act('text.delete-left')
    expect(editor.expanded()).to.equal(one + three)
    editor.act('cursor.text-start')
    editor.act('text.kill-to-end')
    expect(editor.expanded()).to.equal('')
    editor.act('text.yank')
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
    expect(editor.expanded() === `${text}!`).to.equal(true)
  })
})
