import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { Failure } from '../core/failure.ts'
import { flag, oneOf, Place, table, type Check } from './check.ts'
import { nearest } from './nearest.ts'
import { tilde } from './paths.ts'
import { readToml } from './toml.ts'

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
  'match',
  'matchAt',
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

const colour: Check<NonNullable<Colour>> = (value, place: Place) => {
  if (typeof value === 'string' && /^#[0-9a-f]{6}$/i.test(value)) return value.toLowerCase() as `#${string}`
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 255) return value
  return place.wrong('a colour: "#rrggbb", or a number of the palette from 0 to 255', value)
}

const style = table<{ [K in keyof Style]: NonNullable<Style[K]> }>({
  fg: colour,
  bg: colour,
  bold: flag,
  underline: flag,
  inverse: flag,
})

/** What a theme's file may say; `bases`: the themes that it may go out from. */
const shape = (bases: readonly string[]) =>
  table<{ base: string; terminal: { fg?: Colour; bg?: Colour }; tones: Partial<Record<Tone, Partial<Style>>> }>({
    base: oneOf(bases),
    terminal: table<{ fg: NonNullable<Colour>; bg: NonNullable<Colour> }>({
      fg: colour,
      bg: colour,
    }),
    tones: table(Object.fromEntries(tones.map((tone) => [tone, style])) as Record<Tone, Check<Partial<Style>>>),
  })

/**
 * Reads a theme: NAME.toml of the person's folder, else of ours. What a tone leaves out is the terminal's own. A tone that
 * the person's theme does not name is as in the theme that it names as its `base`; without one as in ours of that name, or
 * else as in `light` or `dark`, by the ground that it is for. Failure `config` with file and line.
 */
export function loadTheme(name: string, folders: { shipped: string; user: string; home: string }): Theme {
  const own = join(folders.user, `${name}.toml`)
  const bases = themesIn(folders.shipped)
  const mine = readToml(own, { name: tilde(own, folders.home) })
  const source = mine ?? readToml(join(folders.shipped, `${name}.toml`))
  if (!source) {
    const names = themeNames(folders)
    const near = nearest(name, names)
    const hint = near === undefined ? `there are ${names.join(', ')}` : `did you mean "${near}"?`
    throw new Failure('config', `There is no theme "${name}"; ${hint}`)
  }
  const place = new Place(source)
  const { base, terminal, tones: named = {} } = shape(bases)(source.data, place)
  const missing = tones.filter((tone) => named[tone] === undefined)
  const isOurs = mine === undefined || folders.user === folders.shipped
  if (missing.length > 0 && isOurs) place.at('tones').fail(`the theme says nothing of ${missing.join(', ')}`)
  const usual = bases.includes(name) ? name : isLight(named.normal?.bg ?? terminal?.bg) ? 'light' : 'dark'
  const rest = missing.length > 0 ? loadTheme(base ?? usual, { ...folders, user: folders.shipped }) : undefined
  const whole = tones.map((tone) => {
    const look = named[tone]
    return [tone, rest !== undefined && look === undefined ? rest[tone] : Object.freeze({ ...plain, ...look })]
  })
  return Object.freeze({ ...(Object.fromEntries(whole) as Record<Tone, Style>), name })
}

/** Whether a ground is rather light than dark; one that is not named is taken for dark. */
function isLight(ground: Colour | undefined): boolean {
  if (typeof ground === 'string') {
    const [red, green, blue] = [1, 3, 5].map((at) => Number.parseInt(ground.slice(at, at + 2), 16))
    return red! * 0.3 + green! * 0.6 + blue! * 0.1 > 127
  }
  // Of the palette: white twice, the greys, and of its cube what has much green.
  const number = ground ?? 0
  if (number < 16) return number === 7 || number === 15
  return number >= 232 ? number >= 244 : Math.floor(((number - 16) % 36) / 6) >= 3
}

/** The themes that there are, ours and the person's, sorted. */
export function themeNames(folders: { shipped: string; user: string }): string[] {
  return [...new Set([...themesIn(folders.shipped), ...themesIn(folders.user)])].toSorted()
}

const plain: Style = { fg: null, bg: null, bold: false, underline: false, inverse: false }

function themesIn(folder: string): string[] {
  try {
    return readdirSync(folder).flatMap((file) => (file.endsWith('.toml') ? [file.slice(0, -'.toml'.length)] : []))
  } catch {
    return []
  }
}
