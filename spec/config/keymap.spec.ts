import { expect } from 'chai'
import { resolve } from 'node:path'
import { actions, contexts, type Action } from '../../lib/config/actions.ts'
import { keySets, loadKeymap, type KeySet } from '../../lib/config/keymap.ts'
import { Folder } from '../support/folder.ts'

/** What terminals, desktops, multiplexers and vim take for themselves; keybinds.toml says what each is for. */
const keptKeys =
  'ctrl+b ctrl+s ctrl+q ctrl+i ctrl+m ctrl+h ctrl+[ ctrl+] ctrl+\\ f1 f10 f11 alt+[ alt+] alt+shift+o alt+shift+p ' +
  'alt+space alt+tab ctrl+tab shift+insert shift+pageup shift+pagedown ctrl+pageup ctrl+pagedown ctrl+shift+c ctrl+shift+v'

describe('the keymap', () => {
  const folder = new Folder()
  const load = (user?: string, set?: KeySet) => {
    if (user !== undefined) folder.write('keybinds.toml', user)
    const files = { defaults: resolve('keybinds.toml'), sets: resolve('keybinds'), user: folder.at('keybinds.toml') }
    return loadKeymap({ ...files, home: folder.path }, set)
  }

  it('looks a key up where the focus is, then in global', () => {
    const keymap = load()
    const rows: [(typeof contexts)[number], string, Action | undefined][] = [
      ['composer', 'enter', 'prompt.submit'],
      ['composer', 'ctrl+j', 'prompt.newline'],
      ['composer', 'ctrl+d', 'prompt.eof'],
      ['transcript', 'ctrl+d', 'app.quit'],
      ['composer', 'escape', 'turn.cancel'],
      ['approval', 'escape', 'turn.cancel'],
      ['diff', 'escape', 'pane.hide'],
      ['diff', 'x', 'diff.discard'],
      ['approval', 'y', 'approval.once'],
      ['composer', 'y', undefined],
      ['transcript', 'ctrl+o', 'mode.next'],
    ]
    expect(rows.map(([context, key]) => [context, key, keymap.action(context, [key])])).to.deep.equal(rows)
  })

  it('has a key for every action', () => {
    // What belongs to a ready set has its keys there.
    const keymaps = keySets.map((set) => load(undefined, set))
    const keyless = (Object.keys(actions) as Action[]).filter((action) =>
      keymaps.every((keymap) => keymap.keysFor(action).length === 0),
    )
    expect(keyless).to.deep.equal([])
  })

  for (const set of keySets)
    it(`can have every sequence of a set pressed: ${set}`, () => {
      // A person's file, were it empty, has all sequences checked.
      expect(load('', set).set).to.equal(set)
    })

  for (const set of keySets)
    it(`leaves alone what terminals, tmux, vim and flow control keep for themselves: ${set}`, () => {
      const keymap = load(undefined, set)
      // A person who chooses a set of an editor's keys wants these of it.
      const wanted: Partial<Record<KeySet, string[]>> = {
        emacs: ['ctrl+b', 'ctrl+s'],
        vi: ['ctrl+b', 'ctrl+['],
      }
      const kept = [...keptKeys.split(' '), ...Array.from({ length: 10 }, (_, digit) => `alt+${digit}`)].filter(
        (key) => wanted[set]?.includes(key) !== true,
      )
      const taken = contexts.flatMap((context) =>
        keymap.bindings(context).filter(([keys]) => keys.split(' ').some((key) => kept.includes(key))),
      )
      expect(taken).to.deep.equal([])
    })

  it('lies over the usual keys in a set, and under those of the person', () => {
    const keymap = load('[global]\n"alt+x" = "mode.next"\n', 'emacs')
    expect(keymap.set).to.equal('emacs')
    expect(keymap.action('composer', ['ctrl+p'])).to.equal('cursor.up')
    expect(keymap.action('composer', ['alt+x'])).to.equal('mode.next')
    expect(keymap.action('composer', ['enter'])).to.equal('prompt.submit')
  })

  it('is bound anew for all who have it', () => {
    const keymap = load('[global]\nf2 = "mode.next"\n')
    keymap.use(load('[global]\nf3 = "mode.next"\n', 'emacs'))
    expect([keymap.action('list', ['f2']), keymap.action('list', ['f3']), keymap.set]).to.deep.equal([
      undefined,
      'mode.next',
      'emacs',
    ])
  })

  it('binds no bare character where one can be typed', () => {
    const keymap = load()
    const printable = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index))
    expect(printable.filter((key) => keymap.action('composer', [key === ' ' ? 'space' : key]))).to.deep.equal([])
  })

  it("puts a person's keys over ours, and shows them first", () => {
    const keymap = load('[composer]\n"alt+enter" = "prompt.submit"\n"ctrl+j" = "none"\n[global]\nf2 = "mode.next"\n')
    expect(keymap.action('composer', ['alt+enter'])).to.equal('prompt.submit')
    expect(keymap.action('composer', ['ctrl+j'])).to.equal(undefined)
    expect(keymap.keysFor('prompt.submit')).to.deep.equal(['alt+enter', 'enter'])
    expect(keymap.keysFor('prompt.newline')).to.deep.equal(['shift+enter'])
    expect(keymap.keysFor('mode.next')).to.deep.equal(['f2', 'ctrl+o'])
  })

  it('says of a set what is wrong with it, and in which line', () => {
    const sets = folder.path
    const failing = (text: string | undefined) => {
      if (text !== undefined) folder.write('vi.toml', text)
      const files = { defaults: resolve('keybinds.toml'), sets, user: folder.at('none.toml'), home: '/' }
      try {
        loadKeymap(files, 'vi')
      } catch (error) {
        return (error as Error).message.replaceAll(sets, '…')
      }
      return undefined
    }
    expect(failing(undefined)).to.equal('…/vi.toml: is missing; install Drydock again')
    expect(failing('[vi-normal]\n"x" = "text.delete-rihgt"\n')).to.equal(
      '…/vi.toml:2: there is no action "text.delete-rihgt"; did you mean "text.delete-right"?',
    )
    expect(failing('\n[vi-nromal]\n')).to.match(/^…\/vi\.toml:2: .*did you mean "vi-normal"/)
    expect(failing('[vi-normal]\n"x" = \n')).to.match(/^…\/vi\.toml:2: /)
  })

  it('says where a key of the person’s takes the place of a sequence of the set', () => {
    expect(() => load('[viewer]\n"ctrl+w" = "viewer.wrap"\n[global]\n"ctrl+w" = "app.quit"\n', 'vi')).to.throw(
      /keybinds\.toml.*"ctrl\+w w" can never be pressed: "ctrl\+w" has a meaning of its own/,
    )
  })

  it('waits for the rest of a sequence', () => {
    const keymap = load('[global]\n"ctrl+x ctrl+u" = "edit.undo"\n"ctrl+x x x" = "edit.redo"\n')
    const keys = [['ctrl+x'], ['ctrl+x', 'ctrl+u'], ['ctrl+x', 'x'], ['ctrl+x', 'x', 'x'], ['ctrl+x', 'y'], ['ctrl']]
    expect(keys.map((pressed) => keymap.action('composer', pressed))).to.deep.equal([
      'pending',
      'edit.undo',
      'pending',
      'edit.redo',
      undefined,
      undefined,
    ])
  })

  it('knows a key however it is written', () => {
    const keymap = load(
      '[global]\n"Shift+CTRL+Up" = "mode.next"\n"ctrl+T" = "edit.undo"\n"ctrl++" = "edit.redo"\n"+" = "app.quit"\n"É" = "diff.open"\n"alt+A" = "list.up"\n"ctrl+shift+a" = "list.down"\n',
    )
    const keys = ['ctrl+shift+up', 'ctrl+t', 'ctrl++', '+', 'É', 'é', 'alt+shift+a', 'alt+a', 'ctrl+shift+a']
    expect(keys.map((key) => keymap.action('list', [key]))).to.deep.equal([
      'mode.next',
      'edit.undo',
      'edit.redo',
      'app.quit',
      'diff.open',
      undefined,
      'list.up',
      undefined,
      'list.down',
    ])
  })

  const wrong: [string, string, string][] = [
    ['a context', '[compser]', '1: unknown key "compser"; did you mean "composer"?'],
    ['an action', '[diff]\na = "diff.aply"', '2: there is no action "diff.aply"; did you mean "diff.apply"?'],
    ['no action at all', '[diff]\na = 3', '2: there is no action 3; docs/CONFIGURATION.md lists them'],
    ['a key', '[diff]\n"ctrl+pagup" = "diff.up"', '2: "ctrl+pagup" is no key; did you mean "ctrl+pageup"?'],
    ['a control character', '[diff]\n"\\n" = "none"\n"meta+a" = "diff.up"', '2: "\n" is no key'],
    [
      'a modifier',
      '[diff]\n"meta+a" = "diff.up"',
      '2: "meta+a" is no key: "meta" is not one of ctrl, alt, shift and super',
    ],
    [
      'Shift with a character',
      '[diff]\n"shift+a" = "diff.up"',
      '2: "shift+a" is no key: of printable characters, write what Shift makes of them, as in "A"',
    ],
    ['no key', '[diff]\n"" = "diff.up"', '2: "" is no key'],
    ['no table', 'diff = 3', '1: "diff" must be a [table] of keys, not 3'],
    [
      'a sequence that cannot be pressed',
      '[diff]\n"a b" = "diff.up"',
      '2: "a b" can never be pressed: "a" has a meaning of its own; bind that to "none"',
    ],
  ]
  for (const [name, user, expected] of wrong)
    it(`says what is wrong: ${name}`, () =>
      expect(folder.failure(() => load(user))).to.equal(`config ~/keybinds.toml:${expected}`))
})
