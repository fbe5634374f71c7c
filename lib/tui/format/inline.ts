import type { Tone } from '../../config/theme.ts'
import type { Span } from './wrap.ts'

/**
 * Markdown inside a paragraph: code, strong, emphasis, links, escapes, entities. Our own rather than marked's, whose
 * rules take seconds for a few kilobytes of unclosed brackets: here each rule looks a bounded way ahead.
 */
export function inline(text: string, tone: Tone): Span[] {
  const spans: Span[] = []
  let plain = ''
  let at = 0
  while (at < text.length) {
    const found = match(text, at, tone)
    if (found === undefined) {
      ordinary.lastIndex = at
      const [run] = ordinary.exec(text) ?? [text[at]!]
      plain += run
      at += run.length
      continue
    }
    if (typeof found.shown === 'string') plain += found.shown
    else {
      if (plain !== '') spans.push({ text: plain, tone })
      plain = ''
      spans.push(...found.shown)
    }
    at += found.length
  }
  if (plain !== '') spans.push({ text: plain, tone })
  return spans
}

const ordinary = /[^\\`*_~[!&]+/y

interface Found {
  length: number
  /** Plain text in the tone of what surrounds it, or spans. */
  shown: string | Span[]
}

type Rule = [RegExp, (found: RegExpExecArray, tone: Tone) => string | Span[]]

/** By the character they begin with. */
const rules: Record<string, Rule[]> = {
  '\\': [
    [/\\([!-/:-@[-`{-~])/y, ([, character]) => character!],
    [/\\(?=\n)/y, () => ''],
  ],
  '`': [
    [
      /(?<!`)(`{1,8})(?!`)([^]{1,400}?)(?<!`)\1(?!`)/y,
      ([, , code]) => [{ text: code!.replace(/^ (.*[^ ].*) $/s, '$1'), tone: 'code' }],
    ],
  ],
  '*': [
    [/\*\*(?=\S)((?:[^*]|\*(?!\*)){0,400}?[^\s*]\*?)\*\*(?!\*)/y, ([, text]) => inline(text!, 'strong')],
    [/(?<!\*)\*(?=[^\s*])([^*]{0,400}?[^\s*])\*(?!\*)/y, ([, text], tone) => inline(text!, tone)],
  ],
  _: [
    [/(?<![\p{L}\p{N}_])__(?=\S)([^_]{0,400}?\S)__(?![\p{L}\p{N}_])/uy, ([, text]) => inline(text!, 'strong')],
    [/(?<![\p{L}\p{N}_])_(?=[^\s_])([^_]{0,400}?[^\s_])_(?![\p{L}\p{N}_])/uy, ([, text], tone) => inline(text!, tone)],
  ],
  '~': [[/~~(?=\S)([^~]{0,400}?\S)~~/y, ([, text]) => inline(text!, 'dim')]],
  '[': [
    [
      /\[([^[\]\n]{1,400})\]\[([^[\]\n]{1,100})\]/y,
      ([, text, mark], tone) => [...inline(text!, tone), { text: ` [${mark}]`, tone: 'dim' }],
    ],
    [/\[([^[\]\n]{1,400})\]\(([^()\s]{1,400})(?:[ ]+"[^"\n]{0,200}")?\)/y, link],
  ],
  '!': [[/!\[([^[\]\n]{0,400})\]\(([^()\s]{1,400})(?:[ ]+"[^"\n]{0,200}")?\)/y, link]],
  '&': [[/&(amp|lt|gt|quot|#39|nbsp);/y, ([, name]) => entities[name!]!]],
}

const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'", nbsp: ' ' }

function match(text: string, at: number, tone: Tone): Found | undefined {
  for (const [pattern, show] of rules[text[at]!] ?? []) {
    pattern.lastIndex = at
    const found = pattern.exec(text)
    if (found !== null) return { length: found[0].length, shown: show(found, tone) }
  }
  return undefined
}

/** What is linked, and where it leads unless the text says that already: nobody can hover here. */
function link([, text, href]: RegExpExecArray, tone: Tone): Span[] {
  const shown = inline(text!, tone)
  if (text === href || `mailto:${text}` === href || text === '') return text === '' ? [{ text: href!, tone }] : shown
  return [...shown, { text: ` (${href})`, tone: 'dim' }]
}
