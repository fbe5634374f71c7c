import type { KeyEvent, MouseEvent } from '../events.ts'
import type { MouseWish } from './emulator.ts'

/** Named keys by the last letter of their sequence, or the number before `~` (xterm, the VT220). */
const letters: Record<string, string> = { up: 'A', down: 'B', right: 'C', left: 'D', home: 'H', end: 'F' }
const functions: Record<string, string> = { f1: 'P', f2: 'Q', f3: 'R', f4: 'S' }
const numbers: Record<string, number> = { insert: 2, delete: 3, pageup: 5, pagedown: 6, f5: 15, f6: 17, f7: 18, f8: 19, f9: 20, f10: 21, f11: 23, f12: 24 } // prettier-ignore
const simple: Record<string, string> = { enter: '\r', tab: '\t', escape: '\x1b', backspace: '\x7f', space: ' ' }

/** What a key of the person's is to a program in a terminal, as xterm sends it; `application`: DECCKM. */
export function encodeKey({ key, text }: KeyEvent, application: boolean): string {
  if (text !== undefined) return text
  const parts = key.split(/(?<=[^+])\+/)
  const name = parts.pop()!
  const has = (modifier: string) => parts.includes(modifier)
  const bits = (has('shift') ? 1 : 0) + (has('alt') ? 2 : 0) + (has('ctrl') ? 4 : 0)
  const letter = letters[name] ?? functions[name]
  if (letter !== undefined) {
    if (bits > 0) return `\x1b[1;${bits + 1}${letter}`
    return application || name in functions ? `\x1bO${letter}` : `\x1b[${letter}`
  }
  const number = numbers[name]
  if (number !== undefined) return bits > 0 ? `\x1b[${number};${bits + 1}~` : `\x1b[${number}~`
  if (name === 'tab' && has('shift')) return '\x1b[Z'
  const plain = simple[name] ?? (name.length === 1 || [...name].length === 1 ? name : '')
  const shifted = has('shift') ? plain.toUpperCase() : plain
  const byte = has('ctrl') ? controlOf(name, shifted) : shifted
  return has('alt') && byte !== '' ? `\x1b${byte}` : byte
}

/** The control character of a key, where it has one (ECMA-48); else the key itself. */
function controlOf(name: string, plain: string): string {
  if (name === 'space') return '\0'
  if (name === 'backspace') return '\b'
  if (name === '?') return '\x7f'
  const code = plain.toUpperCase().charCodeAt(0)
  return plain.length === 1 && code >= 0x40 && code <= 0x5f ? String.fromCharCode(code & 0x1f) : plain
}

/** What was pasted, as a program gets it: nothing in it can end the paste, or be a key. */
export function encodePaste(text: string, bracketed: boolean): string {
  // oxlint-disable-next-line no-control-regex
  const clean = text.replaceAll(/[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]/g, '').replaceAll(/\r?\n/g, '\r')
  return bracketed ? `\x1b[200~${clean}\x1b[201~` : clean
}

/** A mouse event as the program asked for it, its cell counted from 0; empty where it did not ask for that. */
export function encodeMouse(event: Omit<MouseEvent, 'col' | 'row'>, x: number, y: number, wish: MouseWish): string {
  const { tracking, sgr } = wish
  const { action, button } = event
  const wanted =
    action === 'move'
      ? tracking === 'any'
      : action === 'drag'
        ? tracking === 'drag' || tracking === 'any'
        : action === 'up'
          ? tracking !== 'none' && tracking !== 'x10'
          : tracking !== 'none'
  if (!wanted || (action === 'wheel' && tracking === 'x10')) return ''
  const base =
    action === 'wheel' ? (button === 'up' ? 64 : 65) : { left: 0, middle: 1, right: 2, none: 3, up: 3, down: 3 }[button]
  const motion = action === 'drag' || action === 'move' ? 32 : 0
  const held = tracking === 'x10' ? 0 : (event.shift ? 4 : 0) + (event.alt ? 8 : 0) + (event.ctrl ? 16 : 0)
  if (sgr) return `\x1b[<${base + motion + held};${x + 1};${y + 1}${action === 'up' ? 'm' : 'M'}`
  if (x > 222 || y > 222) return ''
  const code = (action === 'up' ? 3 : base) + motion + held
  return `\x1b[M${String.fromCharCode(32 + code, 33 + x, 33 + y)}`
}
