import { posix } from 'node:path'

/** Whole names, in lower case. */
const names = new Set([
  '.netrc',
  '_netrc',
  '.npmrc',
  '.pypirc',
  '.pgpass',
  '.htpasswd',
  '.dockercfg',
  '.git-credentials',
  '.vault-token',
  'credentials',
  'credentials.json',
  'credentials.toml',
  'secrets.json',
  'secrets.yaml',
  'secrets.yml',
  'secrets.toml',
  'id_rsa',
  'id_dsa',
  'id_ecdsa',
  'id_ed25519',
])

const endings = ['.pem', '.key', '.p12', '.pfx', '.ppk', '.jks', '.keystore', '.kdbx', '.env']

/** The ends of paths whose last name alone says nothing. */
const tails = ['.docker/config.json', '.kube/config', '.config/gh/hosts.yml', '.m2/settings.xml', '.composer/auth.json']

const folders = ['.ssh', '.gnupg']

/** Files of the same make that are there to be read. */
const harmless = /\.(example|sample|template|dist|defaults?|pub)$/

/**
 * True for a path that by its name looks like a secret: environment files, private keys, credentials of registries
 * and services. It is a courtesy that asks before the obvious; what a shell command reads it does not see.
 */
export function secretPath(path: string): boolean {
  const parts = posix.normalize(path.toLowerCase()).split('/').filter(Boolean)
  const name = parts.at(-1) ?? ''
  if (harmless.test(name)) return false
  if (names.has(name) || name.startsWith('.env') || endings.some((ending) => name.endsWith(ending))) return true
  const whole = `/${parts.join('/')}`
  if (tails.some((tail) => whole.endsWith(`/${tail}`))) return true
  const open = name === 'known_hosts' || name === 'config' || folders.includes(name)
  return !open && folders.some((folder) => parts.includes(folder))
}
