/** One line of a git configuration: `section.key` or `section.SUBSECTION.key`, but for the subsection in small letters. */
export interface Setting {
  key: string
  value: string
}

/**
 * Reads a configuration file (git-config(1), "Syntax") without running git, and without following any include. What it
 * does not understand it leaves out.
 */
export function parseConfig(bytes: Buffer): Setting[] {
  const settings: Setting[] = []
  let section: string | undefined
  for (let line of joined(bytes.toString('latin1'))) {
    const header = /^\s*\[([-.\w]+)(?:\s+"((?:[^"\\]|\\.)*)")?\]/.exec(line)
    if (header) {
      const [whole, name, sub] = header
      section = name!.toLowerCase() + (sub === undefined ? '' : `.${sub.replace(/\\(.)/g, '$1')}`)
      line = line.slice(whole.length)
    }
    const pair = /^\s*([A-Za-z][-A-Za-z0-9]*)\s*(?:=(.*)|(?:[#;].*)?)$/s.exec(line)
    if (section === undefined || !pair) continue
    const value = pair[2] === undefined ? 'true' : valueOf(pair[2])
    if (value === undefined) continue
    const [key, text] = [`${section}.${pair[1]!.toLowerCase()}`, Buffer.from(value, 'latin1').toString()]
    settings.push({ key: Buffer.from(key, 'latin1').toString(), value: text })
  }
  return settings
}

/** The lines, each with those that a backslash at its end continues it by. */
function joined(text: string): string[] {
  const lines: string[] = []
  let open = ''
  for (const line of text.split(/\r?\n/)) {
    const ends = backslashesAt(line) % 2 === 0
    if (ends) lines.push(open + line)
    open = ends ? '' : open + line.slice(0, -1)
  }
  return open === '' ? lines : [...lines, open]
}

/** How many a line ends with. */
function backslashesAt(line: string): number {
  let count = 0
  while (line.at(-1 - count) === '\\') count += 1
  return count
}

const escapes: Record<string, string> = { n: '\n', t: '\t', b: '\b', '"': '"', '\\': '\\' }

function valueOf(text: string): string | undefined {
  let value = ''
  /** How much of the value is more than space at its end. */
  let kept = 0
  let quoted = false
  for (let at = 0; at < text.length; at++) {
    const sign = text[at]!
    if (sign === '"') quoted = !quoted
    else if (!quoted && (sign === '#' || sign === ';')) break
    else if (sign === '\\') {
      const plain = escapes[text[++at] ?? '']
      if (plain === undefined) return undefined
      value += plain
    } else if (quoted || !/\s/.test(sign)) value += sign
    else {
      if (value !== '') value += sign
      continue
    }
    kept = value.length
  }
  return quoted ? undefined : value.slice(0, kept)
}

/** What may stand in the workspace's configuration: nothing here runs a program, reads another file, or is a secret. */
const harmless: RegExp[] = [
  /^core\.(filemode|ignorecase|precomposeunicode|symlinks|autocrlf|eol|safecrlf|abbrev|sparsecheckout|sparsecheckoutcone)$/,
  /^index\.(sparse|version)$/,
  /^(user|author|committer)\.(name|email)$/,
  /^i18n\.(commitencoding|logoutputencoding)$/,
  /^branch\..+\.(remote|merge|rebase)$/s,
  /^remote\..+\.(url|fetch|promisor|partialclonefilter)$/s,
  /^submodule\..+\.(active|url)$/s,
  /^pull\.(rebase|ff)$/,
  /^merge\.conflictstyle$/,
  /^diff\.(algorithm|renames)$/,
]

/** What says how the repository itself is to be read: git takes these from the first file alone. */
const format = /^extensions\.(objectformat|partialclone|preciousobjects)$/

/** The settings that the workspace's git takes over from the project's, urls without what they may hold of secrets. */
export function harmlessOf(settings: readonly Setting[]): Setting[] {
  return settings.flatMap(({ key, value }) => {
    if (!harmless.some((pattern) => pattern.test(key))) return []
    return [{ key, value: key.endsWith('.url') ? withoutSecrets(value) : value }]
  })
}

/** The settings without which git could not read the repository. */
export function formatOf(settings: readonly Setting[]): Setting[] {
  const extensions = settings.filter(({ key }) => format.test(key))
  return [{ key: 'core.repositoryformatversion', value: extensions.length > 0 ? '1' : '0' }, ...extensions]
}

/** The settings as a configuration file. */
export function configText(settings: readonly Setting[]): string {
  let last: string | undefined
  return settings
    .map(({ key, value }) => {
      const [, section, sub, name] = /^([^.]+)(?:\.(.*))?\.([^.]+)$/s.exec(key)!
      const head = sub === undefined ? `[${section}]` : `[${section} "${escape(sub)}"]`
      const begins = head === last ? '' : `${head}\n`
      last = head
      return `${begins}\t${name} = "${escape(value).replaceAll('\n', '\\n')}"\n`
    })
    .join('')
}

function escape(text: string): string {
  return text.replace(/["\\]/g, '\\$&')
}

/** Who is named before the @ of an ssh address is no secret; what a web address names there may be. */
function withoutSecrets(url: string): string {
  const web = /^([A-Za-z][-+.A-Za-z0-9]*:\/\/)(?:[^/?#]*@)?([^?#]*)/.exec(url)
  if (!web) return url
  const user = /^ssh:\/\/([^:@/]+)[^@/]*@/.exec(url)?.[1]
  return web[1]! + (user === undefined ? '' : `${user}@`) + web[2]!
}
