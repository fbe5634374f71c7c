import { Failure } from '../core/failure.ts'
import { setKey } from './edit.ts'
import type { Environment } from './environment.ts'
import { readSmallFile } from './files.ts'
import { tilde } from './paths.ts'
import { failureAt, parseToml, type Source, type Table } from './toml.ts'

/** The keys of model services: from the environment, or kept in a file that only the person can read. */
export class Credentials {
  private readonly file: string
  private readonly environment: Environment

  /** `file`: usually credentials.toml in the folder of the configuration; it may be missing. */
  constructor(file: string, environment: Environment) {
    this.file = file
    this.environment = environment
  }

  /**
   * The key for a provider: that of its environment variable, else the saved one, else undefined. Failure `config`
   * where the key cannot be one, or where others can read the file.
   */
  keyFor(provider: string, { key_env }: { key_env?: string }): string | undefined {
    const fromEnvironment = key_env === undefined ? undefined : this.environment.key(key_env)
    if (fromEnvironment !== undefined) {
      checkKey(fromEnvironment, key_env!)
      return fromEnvironment
    }
    const saved = this.read()
    const key = saved?.data[provider]
    if (saved === undefined || key === undefined) return undefined
    if (typeof key !== 'string') throw failureAt(saved, [provider], `the key of "${provider}" must be text in quotes`)
    checkKey(key, `${saved.name}: the key of "${provider}"`)
    return key
  }

  /** Keeps a key in the file (mode 0600). Failure `config` for what can be no key; the file's own as in setKey. */
  saveKey(provider: string, key: string): void {
    checkKey(key, `The key for ${provider}`)
    this.read()
    setKey(this.file, [provider], key)
  }

  private read(): (Source & { data: Table }) | undefined {
    const name = tilde(this.file, this.environment.home)
    const read = readSmallFile(this.file, { name })
    if (!read) return undefined
    if (read.mode & 0o077)
      throw new Failure(
        'config',
        `${name}: others can read the keys in it (mode ${read.mode.toString(8).padStart(4, '0')}); run: chmod 600 ${name}`,
        { file: this.file },
      )
    return parseToml(read.bytes, { name, file: this.file, code: 'config' })
  }
}

/** A key goes into a header: visible ASCII only. The key itself is never part of the sentence. */
function checkKey(key: string, name: string): void {
  const problem =
    key === ''
      ? 'is empty'
      : /[\r\n]/.test(key)
        ? 'holds a line break'
        : key.includes(' ')
          ? 'holds a space'
          : /[^\x21-\x7e]/.test(key)
            ? 'holds a character that no key can have'
            : undefined
  if (problem) throw new Failure('config', `${name} ${problem}; copy the key again, alone and whole`)
}
