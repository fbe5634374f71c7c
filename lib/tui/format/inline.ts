import type { Tone } from '../../config/theme.ts'
import { cutMiddle, type Span } from './wrap.ts'

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
      spans.push(...addressed(plain, tone))
      plain = ''
      spans.push(...found.shown)
    }
    at += found.length
  }
  return [...spans, ...addressed(plain, tone)]
}

/** An address in plain text leads where it says. What ends a sentence is not its own. */
const address = /\b(?:https?:\/\/|mailto:)[^\s<>"'`()[\]{}]*[^\s<>"'`()[\]{}.,:;!?]/g

function addressed(text: string, tone: Tone): Span[] {
  const spans: Span[] = []
  let done = 0
  for (const { 0: href, index } of text.matchAll(address)) {
    if (index > done) spans.push({ text: text.slice(done, index), tone })
    spans.push({ text: href, tone, href })
    done = index + href.length
  }
  if (done < text.length) spans.push({ text: text.slice(done), tone })
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

/** Columns of an address that are shown beside what is linked; all of it is copied, and opened by terminals that can. */
const shownAddress = 60

/** What is linked, and where it leads unless the text says that already: not every terminal can open it. */
function link([, words, to]: RegExpExecArray, tone: Tone): Span[] {
  const [text, href] = [words!, to!]
  if (text === '') return [{ text: href, tone, href }]
  const shown = inline(text, tone).map((span) => ({ ...span, href }))
  if (text === href || `mailto:${text}` === href) return shown
  const seen = cutMiddle(href, shownAddress)
  const beside: Span = { text: seen, tone: 'dim', href }
  return [
    ...shown,
    { text: ' (', tone: 'dim' },
    seen === href ? beside : { ...beside, copies: href },
    { text: ')', tone: 'dim' },
  ]
}
