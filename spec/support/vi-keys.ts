import { resolve } from 'node:path'
import { loadKeymap, type Keymap } from '../../lib/config/keymap.ts'
import { Editor } from '../../lib/tui/editing/editor.ts'
import { Vi } from '../../lib/tui/editing/vi/vi.ts'

let keymap: Keymap | undefined

function viKeymap(): Keymap {
  return (keymap ??= loadKeymap(
    { defaults: resolve('keybinds.toml'), sets: resolve('keybinds'), user: '/none', home: '/' },
    'vi',
  ))
}

/** An editor and vi's way of editing in it, which hear keys by the shipped vi set as the composer does. */
export function viEditor(text: string, cursor = 0) {
  const editor = new Editor(() => 0)
  editor.load({ text, cursor: text.length, chips: [] })
  editor.timeline.clear()
  const vi = new Vi(editor)
  vi.act('vi.normal')
  editor.move(cursor)
  let pressed: string[] = []
  const press = (key: string) => {
    pressed.push(key === ' ' ? 'space' : key)
    const action = viKeymap().action([...vi.contexts, 'composer'], pressed)
    if (action === 'pending') return
    pressed = []
    const typed = key === 'space' ? ' ' : key
    if (action !== undefined) void (vi.act(action) || editor.act(action))
    else if (typed.length > 1 && /^[a-z+]+$/.test(typed)) return
    else if (vi.isInserting) editor.insert(typed)
    else vi.type(typed)
  }
  return {
    editor,
    vi,
    /** Presses keys as they are written in vim's help: `dw`, `ciwnew<Esc>`, `<C-r>`. */
    press: (keys: string) => {
      for (const [key] of keys.matchAll(/<[A-Za-z-]+>|[^]/gu)) press(named[key] ?? key)
      vi.settle()
    },
  }
}

const named: Record<string, string> = {
  '<Esc>': 'escape',
  '<C-r>': 'ctrl+r',
  '<Space>': 'space',
  '<BS>': 'backspace',
  '<lt>': '<',
}
