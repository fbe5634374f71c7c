import type { Colour } from '../config/theme.ts'

/** How many colours the terminal is given: 24 bit, the 256 or the 16 of a palette, or none but bold and the like. */
export type Depth = 'truecolor' | '256' | '16' | 'none'

/**
 * The depth to draw with. What the person configured stands; `auto` goes by the environment: NO_COLOR
 * (no-color.org), COLORTERM, and the name of the terminal.
 */
export function chooseDepth(
  configured: Depth | 'auto',
  environment: { NO_COLOR?: string; COLORTERM?: string; TERM?: string },
): Depth {
  if (configured !== 'auto') return configured
  if (environment.NO_COLOR) return 'none'
  if (/^(truecolor|24bit)$/i.test(environment.COLORTERM ?? '')) return 'truecolor'
  const term = environment.TERM ?? ''
  if (/-direct$|kitty|ghostty|alacritty|foot|wezterm/.test(term)) return 'truecolor'
  if (/256/.test(term)) return '256'
  return term === '' || /mono|vt[0-9]/.test(term) ? 'none' : '16'
}

type Rgb = [number, number, number]

/** xterm's own values of the 16 colours. */
const sixteen: Rgb[] = [
  [0, 0, 0],
  [205, 0, 0],
  [0, 205, 0],
  [205, 205, 0],
  [0, 0, 238],
  [205, 0, 205],
  [0, 205, 205],
  [229, 229, 229],
  [127, 127, 127],
  [255, 0, 0],
  [0, 255, 0],
  [255, 255, 0],
  [92, 92, 255],
  [255, 0, 255],
  [0, 255, 255],
  [255, 255, 255],
]

const levels = [0, 95, 135, 175, 215, 255]

/** The values of the 256 colours: the 16, a cube of 6×6×6, and 24 greys. */
const palette: readonly Rgb[] = [
  ...sixteen,
  ...levels.flatMap((red) => levels.flatMap((green) => levels.map((blue): Rgb => [red, green, blue]))),
  ...Array.from({ length: 24 }, (_, step): Rgb => [8 + step * 10, 8 + step * 10, 8 + step * 10]),
]

/**
 * The parameters of SGR (ECMA-48 8.3.117) that set this colour as foreground or background; empty for the terminal's
 * own. Colours that the depth does not have become the nearest it has.
 */
export function colourParameters(colour: Colour, ground: 'fg' | 'bg', depth: Depth): string {
  if (colour === null || depth === 'none') return ''
  const base = ground === 'fg' ? 38 : 48
  if (typeof colour === 'string' && depth === 'truecolor') return `${base};2;${rgbOf(colour).join(';')}`
  const index = paletteIndex(colour, depth === '16' ? 16 : 256)
  if (index >= 16) return `${base};5;${index}`
  return String(index < 8 ? base - 8 + index : base + 52 + index - 8)
}

/** The number of the nearest colour among the first `size` of the palette. */
export function paletteIndex(colour: Exclude<Colour, null>, size: 16 | 256): number {
  if (typeof colour === 'number' && colour < size) return colour
  const wanted = typeof colour === 'number' ? palette[colour]! : rgbOf(colour)
  // The 16 are the person's own and may look like anything: where there are more, they are left alone.
  const first = size === 256 ? 16 : 0
  let nearest = first
  let least = Infinity
  for (let index = first; index < size; index++) {
    const distance = distanceOf(palette[index]!, wanted)
    if (distance < least) {
      least = distance
      nearest = index
    }
  }
  return nearest
}

/** What a number of the palette looks like where nobody has changed it. */
export function paletteColour(index: number): `#${string}` {
  return `#${palette[index]!.map((value) => value.toString(16).padStart(2, '0')).join('')}`
}

function rgbOf(colour: string): Rgb {
  const value = Number.parseInt(colour.slice(1), 16)
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255]
}

/**
 * Squared distance weighted by how bright the eye takes each primary to be (compuphase.com/cmetric.htm), and by how far
 * they are from grey: a pale red is rather red than grey.
 */
function distanceOf(a: Rgb, b: Rgb): number {
  const mean = (a[0] + b[0]) / 2
  const [red, green, blue] = [a[0] - b[0], a[1] - b[1], a[2] - b[2]]
  const chroma = Math.max(...a) - Math.min(...a) - (Math.max(...b) - Math.min(...b))
  const weighted = (2 + mean / 256) * red * red + 4 * green * green + (2 + (255 - mean) / 256) * blue * blue
  return weighted + chroma * chroma
}
