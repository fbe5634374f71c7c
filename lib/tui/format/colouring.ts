import type { HLJSApi } from 'highlight.js'
import type { Tone } from '../../config/theme.ts'
import { languages } from './languages.ts'
import type { Row, Span } from './wrap.ts'

/** Loads the highlighter with a language, at once where both are there already. */
export async function loadColouring(language: string): Promise<HLJSApi> {
  const [{ default: api }, { default: described }] = await Promise.all([
    import('highlight.js/lib/core'),
    languages[language]!(),
  ])
  if (api.getLanguage(language) === undefined) api.registerLanguage(language, described)
  return api
}

/** One row for each line of the code, in a language that is registered; undefined where it cannot be coloured. */
export function colour(api: HLJSApi, language: string, code: string): Row[] | undefined {
  // There is one highlighter a process, and whoever used it last may have set another writer.
  api.configure({ __emitter: Emitter } as object)
  const { _emitter } = api.highlight(code, { language, ignoreIllegals: true }) as unknown as { _emitter: object }
  if (!(_emitter instanceof Emitter)) return undefined
  const rows: Span[][] = [[]]
  for (const { text, tone } of _emitter.spans) {
    const [first, ...others] = text.split('\n')
    if (first !== '') rows.at(-1)!.push({ text: first!, tone })
    for (const line of others) rows.push(line === '' ? [] : [{ text: line, tone }])
  }
  return rows
}

/** Takes what highlight.js finds, in place of its writer of HTML (its `__emitter` option). */
class Emitter {
  readonly spans: Span[] = []
  private readonly tones: Tone[] = ['normal']

  addText(text: string): void {
    const tone = this.tones.at(-1)!
    const last = this.spans.at(-1)
    if (last?.tone === tone) last.text += text
    else if (text !== '') this.spans.push({ text, tone })
  }

  startScope(scope: string): void {
    this.openNode(scope)
  }

  endScope(): void {
    this.closeNode()
  }

  openNode(scope: string): void {
    this.tones.push(toneOf(scope) ?? this.tones.at(-1)!)
  }

  closeNode(): void {
    if (this.tones.length > 1) this.tones.pop()
  }

  __addSublanguage(emitter: Emitter): void {
    this.spans.push(...emitter.spans)
  }

  finalize(): void {}

  toHTML(): string {
    return ''
  }
}

function toneOf(scope: string): Tone | undefined {
  return scopes[scope] ?? scopes[scope.split('.')[0]!]
}

const scopes: Partial<Record<string, Tone>> = {
  keyword: 'keyword',
  literal: 'number',
  number: 'number',
  string: 'string',
  regexp: 'string',
  'char.escape': 'string',
  comment: 'comment',
  quote: 'comment',
  meta: 'comment',
  title: 'function',
  'title.class': 'type',
  type: 'type',
  built_in: 'type',
  attr: 'type',
  attribute: 'type',
  tag: 'keyword',
  name: 'keyword',
  section: 'strong',
  addition: 'added',
  deletion: 'removed',
}
