import type { KeyEvent } from './events.ts'

/**
 * Names of keys, as `keybinds.toml` has them: modifiers in the order ctrl, alt, shift, super, then the key, joined by
 * `+`: `ctrl+p`, `alt+enter`, `shift+tab`. A letter with ctrl or alt is lower case, with `shift+` where it was shifted.
 * A key that types a character is that character (`a`, `A`, `?`), except `space`.
 */

export interface Modifiers {
  ctrl: boolean
  alt: boolean
  shift: boolean
  super: boolean
}

export const noModifiers: Readonly<Modifiers> = { ctrl: false, alt: false, shift: false, super: false }

/** Modifiers as xterm and kitty count them in sequences: one more than a sum of bits. */
export function modifiersFrom(parameter: number | undefined): Modifiers {
  const bits = Math.max(0, (parameter || 1) - 1)
  // Meta (32) is what alt sends on some terminals; caps lock and num lock do not matter.
  return { shift: (bits & 1) !== 0, alt: (bits & 34) !== 0, ctrl: (bits & 4) !== 0, super: (bits & 8) !== 0 }
}

/** The event of a key that has a name. */
export function named(name: string, modifiers: Modifiers): KeyEvent {
  return { type: 'key', key: prefix(modifiers) + name }
}

/** The event of a key that stands for a character: typed text where nothing but shift is held. */
export function typed(character: string, modifiers: Modifiers): KeyEvent {
  const { ctrl, alt, super: command } = modifiers
  const name = character === ' ' ? 'space' : character
  if (!ctrl && !alt && !command) return { type: 'key', key: name, text: character }
  const lower = name.toLowerCase()
  return named(lower, { ...modifiers, shift: modifiers.shift || lower !== name })
}

function prefix({ ctrl, alt, shift, super: command }: Modifiers): string {
  return `${ctrl ? 'ctrl+' : ''}${alt ? 'alt+' : ''}${shift ? 'shift+' : ''}${command ? 'super+' : ''}`
}

/** The event of a control byte (0–31, 127). */
export function controlKey(byte: number, alt: boolean): KeyEvent {
  const plain = { ...noModifiers, alt }
  if (byte === 0x09) return named('tab', plain)
  if (byte === 0x0d) return named('enter', plain)
  if (byte === 0x1b) return named('escape', plain)
  if (byte === 0x08 || byte === 0x7f) return named('backspace', plain)
  const name = byte === 0 ? 'space' : String.fromCharCode(byte + 64).toLowerCase()
  return named(name, { ...plain, ctrl: true })
}

/** The event of a key given by its code point (kitty's CSI u, xterm's modifyOtherKeys); null for keys without one. */
export function codeKey(code: number, modifiers: Modifiers, shifted?: number): KeyEvent | null {
  const name = codeNames.get(code)
  if (name !== undefined) return name.length === 1 ? typed(name, modifiers) : named(name, modifiers)
  const unassigned = code < 32 || (code >= 0x7f && code < 0xa0) || (code >= 0xe000 && code <= 0xf8ff)
  if (unassigned || code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) return null
  const character = String.fromCodePoint(code)
  const onlyShift = modifiers.shift && !modifiers.ctrl && !modifiers.alt && !modifiers.super
  if (!onlyShift) return typed(character, modifiers)
  return typed(shifted ? String.fromCodePoint(shifted) : character.toUpperCase(), noModifiers)
}

/** Keys by the last letter of their sequence (CSI or SS3). */
export const letterNames = new Map<string, string>([
  ['A', 'up'],
  ['B', 'down'],
  ['C', 'right'],
  ['D', 'left'],
  ['F', 'end'],
  ['H', 'home'],
  ['P', 'f1'],
  ['Q', 'f2'],
  ['R', 'f3'],
  ['S', 'f4'],
])

/** Keys of the number pad in its application mode (SS3). */
export const padNames = new Map<string, string>([
  ['M', 'enter'],
  ['X', '='],
  ...Array.from('*+,-./0123456789', (character, index): [string, string] => [
    String.fromCharCode('j'.charCodeAt(0) + index),
    character,
  ]),
])

/** Keys by the number before `~` (the VT220 and what xterm added). */
export const numberNames = new Map<number, string>([
  [1, 'home'],
  [2, 'insert'],
  [3, 'delete'],
  [4, 'end'],
  [5, 'pageup'],
  [6, 'pagedown'],
  [7, 'home'],
  [8, 'end'],
  ...[11, 12, 13, 14, 15, 17, 18, 19, 20, 21, 23, 24, 25, 26, 28, 29, 31, 32, 33, 34].map(
    (number, index): [number, string] => [number, `f${index + 1}`],
  ),
])

/** Keys by code point: control characters, and kitty's numbers for keys that type nothing. */
const codeNames = new Map<number, string>([
  [8, 'backspace'],
  [9, 'tab'],
  [13, 'enter'],
  [27, 'escape'],
  [127, 'backspace'],
  ...Array.from({ length: 23 }, (_, index): [number, string] => [57376 + index, `f${index + 13}`]),
  ...Array.from('0123456789./*-+', (character, index): [number, string] => [57399 + index, character]),
  [57414, 'enter'],
  ...['=', ',', 'left', 'right', 'up', 'down', 'pageup', 'pagedown', 'home', 'end', 'insert', 'delete'].map(
    (name, index): [number, string] => [57415 + index, name],
  ),
])
