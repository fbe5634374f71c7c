import { expect } from 'chai'
import { chmodSync, readFileSync, statSync } from 'node:fs'
import { Credentials } from '../../lib/config/credentials.ts'
import { readEnvironment } from '../../lib/config/environment.ts'
import { Folder } from '../support/folder.ts'

describe('credentials', () => {
  const folder = new Folder()
  const open = (variables: Record<string, string | undefined> = {}) =>
    new Credentials(folder.at('drydock/credentials.toml'), readEnvironment({ HOME: folder.path, ...variables }))
  const service = { key_env: 'SERVICE_KEY' }

  it('are not there before they are given', () => {
    expect([open().keyFor('service', service), open().keyFor('service', {})]).to.deep.equal([undefined, undefined])
  })

  it('come from the environment first, then from the file', () => {
    open().saveKey('service', 'saved-key')
    const keys = [{}, { SERVICE_KEY: '' }, { SERVICE_KEY: 'other-key' }].map((variables) =>
      open(variables).keyFor('service', service),
    )
    expect([...keys, open().keyFor('other', service)]).to.deep.equal(['saved-key', 'saved-key', 'other-key', undefined])
  })

  it('are saved for the person alone, beside those that are there', () => {
    open().saveKey('one', 'first')
    open().saveKey('two', 'second')
    open().saveKey('one', 'third')
    const mode = (name: string) => statSync(folder.at(name)).mode & 0o777
    expect([mode('drydock/credentials.toml'), mode('drydock')]).to.deep.equal([0o600, 0o700])
    expect(readFileSync(folder.at('drydock/credentials.toml'), 'utf8')).to.equal('one = "third"\ntwo = "second"\n')
  })

  const problems: [string, string][] = [
    ['', 'is empty'],
    ['a\nb', 'holds a line break'],
    ['ab\r', 'holds a line break'],
    ['a b', 'holds a space'],
    ['a\x1b[31mb', 'holds a character that no key can have'],
    ['schlüssel', 'holds a character that no key can have'],
  ]
  for (const [key, problem] of problems)
    it(`are refused and never repeated: ${JSON.stringify(key)}`, () => {
      const rest = `${problem}; copy the key again, alone and whole`
      expect(folder.failure(() => open().saveKey('service', key))).to.equal(`config The key for service ${rest}`)
      if (key !== '')
        expect(folder.failure(() => open({ SERVICE_KEY: key }).keyFor('service', service))).to.equal(
          `config SERVICE_KEY ${rest}`,
        )
    })

  it('are not read from a file that others can read, nor written to it', () => {
    for (const [mode, shown] of [
      [0o644, '0644'],
      [0o640, '0640'],
      [0o602, '0602'],
    ] as const) {
      const file = folder.write(`${shown}.toml`, 'service = "key"\n')
      const credentials = new Credentials(file, readEnvironment({ HOME: folder.path }))
      chmodSync(file, mode)
      const said = `config ~/${shown}.toml: others can read the keys in it (mode ${shown}); run: chmod 600 ~/${shown}.toml`
      expect(folder.failure(() => credentials.keyFor('service', {}))).to.equal(said)
      expect(folder.failure(() => credentials.saveKey('service', 'new-key'))).to.equal(said)
    }
  })

  it('say where the file is wrong', () => {
    folder.write('drydock/credentials.toml', '# keys\n[service]\nkey = "x"\n', 0o600)
    expect(folder.failure(() => open().keyFor('service', {}))).to.equal(
      'config ~/drydock/credentials.toml:2: the key of "service" must be text in quotes',
    )
    folder.write('drydock/credentials.toml', 'service = secret-key\n', 0o600)
    expect(folder.failure(() => open().keyFor('service', {}))).to.equal(
      'config ~/drydock/credentials.toml:1: this is not TOML: "s" cannot stand here; text goes in "quotes"',
    )
  })
})
