import type { InputEvent } from './events.ts'
import { codeKey, letterNames, modifiersFrom, named, noModifiers, numberNames, type Modifiers } from './keys.ts'

/** The event of one control sequence `CSI body final`; null for what nobody needs. */
export function controlSequence(body: string, final: string): InputEvent | null {
  if (body.startsWith('<') && (final === 'M' || final === 'm')) return mouse(body.slice(1), final === 'm')
  // Private parameters and intermediate bytes: answers of the terminal.
  if (/[<=>? -/]/.test(body)) return { type: 'reply', text: `[${body}${final}` }
  if (body === '[') return linuxFunction(final)
  const parameters = body.split(';')
  const numbers = parameters.map((parameter) => Number.parseInt(parameter, 10))
  const modifiers = modifiersFrom(numbers[1])
  if (isRelease(parameters[1])) return null
  switch (final) {
    case 'I':
    case 'O':
      return body === '' ? { type: 'focus', focused: final === 'I' } : null
    case 'u':
      return unicodeKey(parameters[0]!, modifiers)
    case '~':
      return tilde(numbers, modifiers)
    case 'Z':
      return named('tab', { ...modifiers, shift: true })
    case 'c':
    case 'n':
    case 't':
      return { type: 'reply', text: `[${body}${final}` }
    case 'R':
      // F3 with modifiers looks like a cursor report of the first row, for which nobody asks.
      if (body !== '' && numbers[0] !== 1) return { type: 'reply', text: `[${body}R` }
  }
  const name = letterNames.get(final)
  return name === undefined ? null : named(name, modifiers)
}

/** Kitty can say that a key was let go (`modifiers:3`). */
function isRelease(modifiers: string | undefined): boolean {
  return modifiers?.endsWith(':3') ?? false
}

/** `CSI [ A` to `CSI [ E`: F1 to F5 of the Linux console. */
function linuxFunction(final: string): InputEvent | null {
  const number = final.charCodeAt(0) - 64
  return number >= 1 && number <= 5 ? named(`f${number}`, noModifiers) : null
}

/** kitty: `CSI code:shifted:base ; modifiers u`. */
function unicodeKey(codes: string, modifiers: Modifiers): InputEvent | null {
  const [code, shifted] = codes.split(':').map((part) => Number.parseInt(part, 10))
  return Number.isNaN(code) ? null : codeKey(code!, modifiers, shifted || undefined)
}

function tilde(numbers: number[], modifiers: Modifiers): InputEvent | null {
  if (numbers[0] === 27 && numbers.length === 3) return otherKey(numbers[2]!, modifiers)
  const name = numberNames.get(numbers[0]!)
  return name === undefined ? null : named(name, modifiers)
}

/** xterm's modifyOtherKeys: `CSI 27 ; modifiers ; code ~`, the code being that of the character as shifted. */
function otherKey(code: number, modifiers: Modifiers): InputEvent | null {
  const isSign = code > 32 && code < 127 && !/[a-z]/i.test(String.fromCharCode(code))
  return codeKey(code, isSign ? { ...modifiers, shift: false } : modifiers)
}

/** SGR: `button ; column ; row`, with modifiers, motion and wheel as bits of the button. */
function mouse(body: string, released: boolean): InputEvent | null {
  const parts = /^(\d{1,4});(\d{1,5});(\d{1,5})$/.exec(body)
  if (parts === null) return null
  const bits = Number(parts[1])
  const place = {
    col: Math.max(0, Number(parts[2]) - 1),
    row: Math.max(0, Number(parts[3]) - 1),
    shift: (bits & 4) !== 0,
    alt: (bits & 8) !== 0,
    ctrl: (bits & 16) !== 0,
  }
  const number = bits & 3
  if (bits & 128) return null
  if (bits & 64) {
    // Two and three turn it sideways, for which there is no use.
    if (released || number > 1) return null
    return { type: 'mouse', action: 'wheel', button: number === 0 ? 'up' : 'down', ...place }
  }
  const button = (['left', 'middle', 'right', 'none'] as const)[number]!
  if (bits & 32) return { type: 'mouse', action: button === 'none' ? 'move' : 'drag', button, ...place }
  return { type: 'mouse', action: released ? 'up' : 'down', button, ...place }
}
