/** The tones a widget may ask for. A theme file gives each its colours; nothing else in the program names a colour. */
export const tones = [
  'normal',
  'strong',
  'dim',
  'accent',
  'focus',
  'line',
  'ok',
  'error',
  'waiting',
  'added',
  'removed',
  'addedWord',
  'removedWord',
  'prompt',
  'code',
  'selection',
  'danger',
  'keyword',
  'string',
  'number',
  'comment',
  'function',
  'type',
] as const

export type Tone = (typeof tones)[number]

/** A colour is `#rrggbb`, a number of the 256-colour palette, or null for the terminal's own. */
export type Colour = `#${string}` | number | null

export interface Style {
  fg: Colour
  bg: Colour
  bold: boolean
  underline: boolean
  inverse: boolean
}

export type Theme = Record<Tone, Style> & { name: string }
