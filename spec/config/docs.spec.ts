import { expect } from 'chai'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { actions, contexts, type Action } from '../../lib/config/actions.ts'
import { readEnvironment } from '../../lib/config/environment.ts'
import { loadKeymap } from '../../lib/config/keymap.ts'
import { loadConfig } from '../../lib/config/load.ts'
import { readPolicy } from '../../lib/config/policy.ts'
import { scanKeys } from '../../lib/config/scan.ts'
import { tones } from '../../lib/config/theme.ts'
import { Folder } from '../support/folder.ts'

const page = readFileSync('docs/CONFIGURATION.md', 'utf8')

describe('docs/CONFIGURATION.md', () => {
  const folder = new Folder()

  it('has every key of default.toml', () => {
    const keys = scanKeys(readFileSync('default.toml', 'utf8'))
      .filter(({ kind, inner, path }) => kind === 'pair' && !inner && path[2] !== 'models')
      .map(({ path }) => path.join('.').replace(/^providers\.\w+/, 'providers.NAME'))
    expect([...new Set(keys)].filter((key) => !page.includes(`\`${key}\``))).to.deep.equal([])
  })

  it('has the defaults that default.toml has', () => {
    const text = readFileSync('default.toml', 'utf8')
    const wrong = scanKeys(text).flatMap(({ kind, inner, path, valueStart, valueEnd }) => {
      if (kind !== 'pair' || inner || path[0] === 'providers') return []
      const row = `| \`${path.join('.')}\` | \`${text.slice(valueStart, valueEnd)}\` |`
      return page.includes(row) ? [] : [row]
    })
    expect(wrong).to.deep.equal([])
  })

  it('has every action, with what it does', () => {
    const rows = (Object.keys(actions) as Action[]).map((action) => `- \`${action}\`: ${actions[action]}`)
    expect(rows.filter((row) => !page.includes(row))).to.deep.equal([])
  })

  it('has every place that keys are bound for', () => {
    expect(contexts.filter((name) => !page.includes(`\`[${name}]\``))).to.deep.equal([])
  })

  it('has every tone', () => {
    expect(tones.filter((tone) => !page.includes(`\`${tone}\``))).to.deep.equal([])
  })

  it('has examples that load', () => {
    const [config, policy, keybinds, ...more] = [...page.matchAll(/```toml\n([^]*?)```/g)].map((match) => match[1]!)
    expect(more).to.deep.equal([])
    const environment = readEnvironment({ HOME: folder.path })
    const loaded = loadConfig({
      defaults: resolve('default.toml'),
      user: folder.write('config.toml', config!),
      environment,
      policy: folder.at('none'),
    })
    expect(loaded.config.providers['mine']!.models['some-model']!.context).to.equal(128000)
    expect(readPolicy(folder.write('policy.toml', policy!))!.sandbox).to.deep.equal({ memory: 8 * 2 ** 30 })
    const user = folder.write('keybinds.toml', keybinds!)
    const keymap = loadKeymap({ defaults: resolve('keybinds.toml'), sets: '', user, home: folder.path })
    expect(keymap.action('composer', ['ctrl+x', 'ctrl+u'])).to.equal('edit.undo')
  })
})
