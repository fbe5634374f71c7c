import type { HLJSApi, LanguageFn } from 'highlight.js'
import type { Tone } from '../../config/theme.ts'
import type { Row, Span } from './wrap.ts'

/** Beyond these, colouring costs more than a frame has: the code stays plain. */
const largest = 16_384
const longestLine = 1_000

/**
 * Colours code by language. The highlighter and each language are loaded when first asked for; until then `rows`
 * gives undefined, and `loaded` is called once it is worth asking again.
 */
export class Highlighter {
  private api: HLJSApi | undefined
  private readonly asked = new Set<string>()
  private readonly loaded: () => void

  constructor(loaded: () => void) {
    this.loaded = loaded
  }

  /** One row for each line, or undefined where the language is unknown, not loaded yet, or the code too large. */
  rows(language: string, lines: readonly string[]): Row[] | undefined {
    const name = known(language)
    if (name === undefined || lines.some((line) => line.length > longestLine)) return undefined
    const code = lines.join('\n')
    if (code.length > largest) return undefined
    if (this.api?.getLanguage(name) === undefined) {
      void this.load(name)
      return undefined
    }
    return colour(this.api, name, code)
  }

  private async load(name: string): Promise<void> {
    if (this.asked.has(name)) return
    this.asked.add(name)
    const [{ default: api }, { default: language }] = await Promise.all([
      import('highlight.js/lib/core'),
      languages[name]!(),
    ])
    if (this.api === undefined) {
      api.configure({ __emitter: Emitter } as object)
      this.api = api
    }
    api.registerLanguage(name, language)
    this.loaded()
  }
}

function colour(api: HLJSApi, language: string, code: string): Row[] | undefined {
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

type Load = () => Promise<{ default: LanguageFn }>

const languages: Record<string, Load> = {
  bash: () => import('highlight.js/lib/languages/bash'),
  c: () => import('highlight.js/lib/languages/c'),
  cpp: () => import('highlight.js/lib/languages/cpp'),
  csharp: () => import('highlight.js/lib/languages/csharp'),
  css: () => import('highlight.js/lib/languages/css'),
  diff: () => import('highlight.js/lib/languages/diff'),
  dockerfile: () => import('highlight.js/lib/languages/dockerfile'),
  go: () => import('highlight.js/lib/languages/go'),
  ini: () => import('highlight.js/lib/languages/ini'),
  java: () => import('highlight.js/lib/languages/java'),
  javascript: () => import('highlight.js/lib/languages/javascript'),
  json: () => import('highlight.js/lib/languages/json'),
  kotlin: () => import('highlight.js/lib/languages/kotlin'),
  lua: () => import('highlight.js/lib/languages/lua'),
  makefile: () => import('highlight.js/lib/languages/makefile'),
  php: () => import('highlight.js/lib/languages/php'),
  python: () => import('highlight.js/lib/languages/python'),
  ruby: () => import('highlight.js/lib/languages/ruby'),
  rust: () => import('highlight.js/lib/languages/rust'),
  sql: () => import('highlight.js/lib/languages/sql'),
  swift: () => import('highlight.js/lib/languages/swift'),
  typescript: () => import('highlight.js/lib/languages/typescript'),
  xml: () => import('highlight.js/lib/languages/xml'),
  yaml: () => import('highlight.js/lib/languages/yaml'),
}

const aliases: Record<string, string> = {
  sh: 'bash',
  shell: 'bash',
  zsh: 'bash',
  console: 'bash',
  h: 'c',
  'c++': 'cpp',
  cc: 'cpp',
  hpp: 'cpp',
  cs: 'csharp',
  patch: 'diff',
  docker: 'dockerfile',
  golang: 'go',
  toml: 'ini',
  js: 'javascript',
  jsx: 'javascript',
  mjs: 'javascript',
  cjs: 'javascript',
  jsonc: 'json',
  kt: 'kotlin',
  make: 'makefile',
  py: 'python',
  rb: 'ruby',
  rs: 'rust',
  ts: 'typescript',
  tsx: 'typescript',
  html: 'xml',
  svg: 'xml',
  yml: 'yaml',
}

function known(language: string): string | undefined {
  const name = language.toLowerCase()
  const real = Object.hasOwn(aliases, name) ? aliases[name]! : name
  return Object.hasOwn(languages, real) ? real : undefined
}
