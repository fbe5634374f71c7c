import type { Colour, Style, Theme, Tone } from '../config/theme.ts'
import { DEFAULT_ATTRIBUTE } from './blessed.ts'
import type { CellStyle } from './canvas.ts'
import { colourParameters, type Depth } from './colour.ts'

/** What a cell looks like, as SGR parameters: `flags` (`1;4;7`), foreground, background; empty is the terminal's own. */
interface Look {
  flags: string
  fg: string
  bg: string
  /** Where it leads: an address, or empty. */
  href: string
  /** The attribute of a blank cell that looks the same as a blank cell of this one. */
  blank: number
  /** The sequences from this look to others, by their numbers. */
  changes?: Map<number, string>
}

/** blessed packs an attribute of its own into 27 bits (flags, fg, bg); our numbers begin above. */
const FIRST = 1 << 27
/** Looks that are kept, and sequences from one to another. */
const LARGEST = 20_000

/** Tones whose rows begin with a sign: without colours that says it, and whole pages need not be inverse. */
const signed: ReadonlySet<Tone> = new Set(['added', 'removed'])

/**
 * What tones have without colours that else their colour says: SGR 2 and 4 are none (no-color.org). Dim is what is quieter
 * than text; of the titles, which are bold, one has the focus.
 */
const colourless: Partial<Record<Tone, Partial<CellStyle>>> = {
  dim: { dim: true },
  line: { dim: true },
  comment: { dim: true },
  focus: { underline: true },
}

/**
 * The attributes of cells: numbers that stand for looks. Equal looks get equal numbers for the life of a screen, also
 * over a change of theme, so that cells can be compared by number. Understands blessed's own numbers too.
 */
export class Attributes {
  private readonly depth: Depth
  private readonly looks: Look[] = []
  private readonly numbers = new Map<string, number>()
  private readonly plain: Look = { flags: '', fg: '', bg: '', href: '', blank: DEFAULT_ATTRIBUTE }
  private readonly foreign = new Map<number, Look>()
  private changes = 0
  private theme: Theme
  /** The tones that were asked for: finding the nearest colours of a whole theme would hold up the first frame. */
  private readonly tones = new Map<Tone, number>()
  private readonly grounded = new Map<string, number>()
  private styles = new WeakMap<CellStyle, number>()

  constructor(theme: Theme, depth: Depth) {
    this.theme = theme
    this.depth = depth
  }

  /** From now on the tones look as this theme has them. */
  use(theme: Theme): void {
    this.theme = theme
    this.tones.clear()
    this.grounded.clear()
    this.styles = new WeakMap()
  }

  /** There are so many looks that they have to be forgotten, and with them every cell: programs choose among millions. */
  get isFull(): boolean {
    return this.looks.length > LARGEST
  }

  forget(): void {
    this.looks.length = this.changes = 0
    delete this.plain.changes
    this.numbers.clear()
    this.foreign.clear()
    this.use(this.theme)
  }

  /** The attribute of a style, as programs inside have them. The same object is known again. */
  styled(style: CellStyle): number {
    let number = this.styles.get(style)
    if (number === undefined) {
      const { normal } = this.theme
      number = this.number({ ...style, fg: style.fg ?? normal.fg, bg: style.bg ?? normal.bg }, normal.bg)
      this.styles.set(style, number)
    }
    return number
  }

  /** The attribute of a tone. */
  of(tone: Tone): number {
    let number = this.tones.get(tone)
    if (number === undefined) {
      const style = this.styleOf(tone)
      number = this.number(style, signed.has(tone) ? style.bg : this.theme.normal.bg)
      this.tones.set(tone, number)
    }
    return number
  }

  /** That of a tone on another's ground; where that ground is the screen's, what tells is the colour of its text alone. */
  on(tone: Tone, ground: Tone): number {
    const key = `${tone} ${ground}`
    let number = this.grounded.get(key)
    if (number === undefined) {
      const { bg } = this.theme[ground]
      const tells = bg === null || bg === this.theme.normal.bg
      number = tells ? this.of(ground) : this.number({ ...this.styleOf(tone), bg }, bg)
      this.grounded.set(key, number)
    }
    return number
  }

  /** An attribute that leads to an address. Of those that are no plain address of the web, the same as before. */
  linked(attribute: number, href: string): number {
    if (!address.test(href) || href.length > longestAddress || this.numbers.size > mostLooks) return attribute
    const { flags, fg, bg } = this.look(attribute)
    return this.intern(flags, fg, bg, true, href)
  }

  /** The attribute for a blank cell of this attribute: one number for all that would look the same. */
  blank(attribute: number): number {
    return this.look(attribute).blank
  }

  /** True where erasing a cell leaves it as a blank of this attribute. */
  isErased(attribute: number): boolean {
    return this.look(attribute).blank === DEFAULT_ATTRIBUTE
  }

  /** The SGR sequence from one attribute to another; from null: from any state. Empty where nothing changes. */
  change(from: number | null, to: number): string {
    if (from === to) return ''
    const target = this.look(to)
    if (from === null) return sequence(null, target)
    const current = this.look(from)
    let change = current.changes?.get(to)
    if (change === undefined) {
      change = sequence(current, target)
      if (this.changes++ < LARGEST) (current.changes ??= new Map()).set(to, change)
    }
    return change
  }

  private styleOf(tone: Tone): CellStyle {
    const style = this.theme[tone]
    return this.depth === 'none' && !style.inverse ? { ...style, ...colourless[tone] } : style
  }

  private look(attribute: number): Look {
    if (attribute >= FIRST) return this.looks[attribute - FIRST]!
    if (attribute === DEFAULT_ATTRIBUTE) return this.plain
    let look = this.foreign.get(attribute)
    if (look === undefined) {
      look = this.look(this.number(unpack(attribute), null))
      this.foreign.set(attribute, look)
    }
    return look
  }

  /** The number of a style. `ground`: the background of the screen, from which this one may stand out. */
  private number(style: CellStyle, ground: Colour): number {
    const fg = colourParameters(style.fg, 'fg', this.depth)
    let bg = colourParameters(style.bg, 'bg', this.depth)
    let inverse = style.inverse
    // What stands out by its ground alone has to stand out without colours too, and stay legible with few.
    const lost = this.depth === 'none' && style.bg !== null && style.bg !== ground
    const clash = fg !== '' && bg !== '' && style.fg !== style.bg && sameHue(fg, bg)
    if (lost || clash) {
      inverse = true
      bg = ''
    }
    const { bold, dim, italic, underline, strike } = style
    const flags = [bold && '1', dim && '2', italic && '3', underline && '4', inverse && '7', strike && '9']
    return this.intern(flags.filter(Boolean).join(';'), fg, bg, underline || inverse || strike === true)
  }

  private intern(flags: string, fg: string, bg: string, marked: boolean, href = ''): number {
    const key = `${flags}|${fg}|${bg}|${href}`
    if (key === '|||') return DEFAULT_ATTRIBUTE
    const known = this.numbers.get(key)
    if (known !== undefined) return known
    // A blank shows neither bold nor its foreground, unless it is underlined or inverse.
    const blank = marked || (flags === '' && fg === '' && href === '') ? null : this.intern('', '', bg, false)
    const number = FIRST + this.looks.length
    this.looks.push({ flags, fg, bg, href, blank: blank ?? number })
    this.numbers.set(key, number)
    return number
  }
}

/** The SGR sequence from one look to another; from null: from any state. Empty where nothing changes. */
function sequence(current: Look | null, target: Look): string {
  const parameters: string[] = []
  if (current === null || (current.flags !== target.flags && current.flags !== '')) {
    parameters.push('0', target.flags, target.fg, target.bg)
  } else {
    if (current.flags !== target.flags) parameters.push(target.flags)
    if (current.fg !== target.fg) parameters.push(target.fg || '39')
    if (current.bg !== target.bg) parameters.push(target.bg || '49')
  }
  const given = parameters.filter((parameter) => parameter !== '').join(';')
  const link = (current?.href ?? '') === target.href ? '' : linkSequence(target.href)
  return link + (given === '' ? '' : given === '0' ? '\x1b[m' : `\x1b[${given}m`)
}

/** What is handed to a terminal as an address: nothing that could end the sequence, and nothing that runs a program. */
const address = /^(?:https?:\/\/|mailto:)[\x21-\x7e]+$/
const longestAddress = 2_000
/** Looks that are remembered with their addresses; beyond, addresses are only read. */
const mostLooks = 10_000

/** OSC 8, hyperlinks in terminals. One id for an address, so that it is one link where it is broken over rows. */
function linkSequence(href: string): string {
  return href === '' ? '\x1b]8;;\x1b\\' : `\x1b]8;id=${idOf(href)};${href}\x1b\\`
}

function idOf(href: string): string {
  let hash = 0
  for (let i = 0; i < href.length; i += 1) hash = (Math.imul(hash, 31) + href.charCodeAt(i)) >>> 0
  return hash.toString(36)
}

function sameHue(fg: string, bg: string): boolean {
  const number = Number(bg)
  return fg === String(number - 10) || (fg.startsWith('38') && fg.slice(2) === bg.slice(2))
}

function unpack(attribute: number): Style {
  const flags = attribute >> 18
  return {
    fg: unpackColour((attribute >> 9) & 0x1ff),
    bg: unpackColour(attribute & 0x1ff),
    bold: (flags & 1) !== 0,
    underline: (flags & 2) !== 0,
    inverse: (flags & 8) !== 0,
  }
}

function unpackColour(bits: number): Colour {
  return bits === 0x1ff ? null : bits & 0xff
}
