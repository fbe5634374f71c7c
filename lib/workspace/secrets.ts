import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import ignore, { type Ignore } from 'ignore'
import { pathBelow } from '../core/paths.ts'

/** Whole names, in lower case. */
const names = new Set([
  '.netrc',
  '_netrc',
  '.pgpass',
  '.my.cnf',
  '.htpasswd',
  '.dockercfg',
  '.dockerconfigjson',
  '.git-credentials',
  '.vault-token',
  '.s3cfg',
  '.boto',
  'kubeconfig',
  'credentials',
  'credentials.json',
  'credentials.toml',
  'service-account.json',
  'secrets.json',
  'secrets.yaml',
  'secrets.yml',
  'secrets.toml',
  'terraform.tfstate',
  'id_rsa',
  'id_dsa',
  'id_ecdsa',
  'id_ed25519',
])

const endings = new Set(['.key', '.p12', '.pfx', '.ppk', '.jks', '.keystore', '.kdbx', '.env', '.kubeconfig'])

/** The ends of paths whose last name alone says nothing. */
const tails = [
  '.docker/config.json',
  '.kube/config',
  '.aws/config',
  '.config/gh/hosts.yml',
  '.m2/settings.xml',
  '.composer/auth.json',
]

const folders = ['.ssh', '.gnupg']

/** Files of the same make that are there to be read. */
const harmless = /\.(example|sample|template|dist|defaults?|pub)$/

/** Files that hold a secret only sometimes, and how it looks in them. */
const holders: { file: RegExp; secret: RegExp }[] = [
  { file: /\.(pem|crt|cer|asc)$/, secret: /-----BEGIN [A-Z0-9 ]*PRIVATE KEY/ },
  { file: /^\.(npmrc|yarnrc)$/, secret: /(_auth|_authtoken|_password|\bkeyfile)"?\s*[ =:]/i },
  { file: /^\.yarnrc\.yml$/, secret: /npmAuth(Token|Ident)["']?\s*:/ },
  { file: /^\.pypirc$/, secret: /^[ \t]*password\s*[=:]/im },
  { file: /^(pip\.conf|pip\.ini|\.gitconfig)$/, secret: /:\/\/[^\s/@]+@/ },
]

/** The ends of names that may be such a file's: nearly every other name is told by that, and no pattern is tried on it. */
const holderEndings = new Set(['.pem', '.crt', '.cer', '.asc', '.conf', '.ini'])

/** More of a file is not looked through: it counts as one that holds a secret. */
const mostLooked = 256 * 1024

/** Folders of what others have published or tools have made: nothing in them is the person's own. */
export const foreignFolders: readonly string[] = [
  'node_modules',
  'bower_components',
  '.pnpm-store',
  'site-packages',
  '__pycache__',
  '.venv',
  '.tox',
  '.nox',
  '.git',
]

/**
 * The one list of what is a secret: environment files, private keys, credentials of registries and services, and what
 * the person's `sandbox.hide` names. Paths are relative to the project, with `/`, as in lib/core/paths.ts.
 */
export class Secrets {
  readonly project: string
  private readonly hide: Ignore | undefined

  /** `hide`: patterns as in .gitignore of what else is a secret; what one that begins with `!` names is none. */
  constructor(project: string, hide: readonly string[] = []) {
    this.project = project
    this.hide = hide.length === 0 ? undefined : ignore().add([...hide])
  }

  /** True for a file of the project whose content nobody in the sandbox shall read. */
  isSecret(path: string): boolean {
    return !path.split('/').some((part) => foreignFolders.includes(part)) && this.isNamed(path)
  }

  /** The same for a path in no foreign folder. */
  isNamed(path: string): boolean {
    const verdict = this.hide?.test(path)
    if (verdict?.ignored || verdict?.unignored) return verdict.ignored
    const byName = judge(path)
    return byName === 'secret' || (byName === 'look' && this.holdsSecret(path))
  }

  /** Where that cannot be told, it does. */
  private holdsSecret(path: string): boolean {
    const text = this.contentOf(path)
    return text === undefined || holders.some(({ file, secret }) => file.test(nameOf(path)) && secret.test(text))
  }

  private contentOf(path: string): string | undefined {
    let descriptor: number | undefined
    try {
      descriptor = openSync(
        pathBelow(this.project, path),
        constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK,
      )
      const stat = fstatSync(descriptor)
      if (!stat.isFile() || stat.size > mostLooked) return undefined
      const bytes = Buffer.alloc(stat.size)
      return bytes.toString('latin1', 0, readSync(descriptor, bytes))
    } catch {
      return undefined
    } finally {
      if (descriptor !== undefined) closeSync(descriptor)
    }
  }
}

/** How it is with a path by its name: `look` where only the content tells. */
function judge(path: string): 'secret' | 'look' | 'plain' {
  const name = nameOf(path)
  if (names.has(name)) return 'secret'
  const dot = name.lastIndexOf('.')
  if (dot >= 0) {
    const ending = name.slice(dot)
    if (name.startsWith('.') || endings.has(ending) || holderEndings.has(ending)) {
      if (harmless.test(name)) return 'plain'
      if (name.startsWith('.env') || endings.has(ending)) return 'secret'
      if (holders.some(({ file }) => file.test(name))) return 'look'
    }
  }
  // Each of the folders below begins with a dot.
  if (!path.startsWith('.') && !path.includes('/.')) return 'plain'
  if (dot >= 0 && harmless.test(name)) return 'plain'
  const whole = `/${path.toLowerCase()}`
  if (tails.some((tail) => whole.endsWith(`/${tail}`))) return 'secret'
  const open = ['known_hosts', 'config', 'authorized_keys'].includes(name)
  return !open && folders.some((folder) => whole.includes(`/${folder}/`)) ? 'secret' : 'plain'
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1).toLowerCase()
}
