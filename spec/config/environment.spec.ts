import { expect } from 'chai'
import { homedir } from 'node:os'
import { readEnvironment } from '../../lib/config/environment.ts'
import { cacheDir, configDir, dataDir, stateDir, tilde } from '../../lib/config/paths.ts'

describe('the environment', () => {
  it('is a frozen picture, in which an empty variable is none', () => {
    const variables: Record<string, string> = {
      HOME: '/home/me',
      TERM: 'xterm',
      NO_COLOR: '',
      CI: 'false',
      KEY: 'k',
      LANG: 'C',
    }
    const environment = readEnvironment(variables)
    variables['KEY'] = 'changed'
    const { home, term, noColor, ci, tmux, lang, path, colorterm } = environment
    expect({ home, term, noColor, ci, tmux, lang, path, colorterm }).to.deep.equal({
      home: '/home/me',
      term: 'xterm',
      noColor: false,
      ci: false,
      tmux: false,
      lang: 'C',
      path: '',
      colorterm: undefined,
    })
    expect(['KEY', 'NO_COLOR', 'toString', '__proto__'].map(environment.key)).to.deep.equal([
      'k',
      undefined,
      undefined,
      undefined,
    ])
    expect(Object.isFrozen(environment)).to.equal(true)
  })

  it('takes the more telling of two variables', () => {
    const { editor, lang, noColor, ci, tmux } = readEnvironment({
      VISUAL: 'hx',
      EDITOR: 'ed',
      LC_ALL: 'de_DE.UTF-8',
      LANG: 'C',
      NO_COLOR: '0',
      CI: '1',
      TMUX: '/tmp/tmux',
    })
    expect({ editor, lang, noColor, ci, tmux }).to.deep.equal({
      editor: 'hx',
      lang: 'de_DE.UTF-8',
      noColor: true,
      ci: true,
      tmux: true,
    })
  })

  it("knows the home folder where no variable says it, as the system's user data does", () => {
    expect(readEnvironment({}).home).to.equal(homedir())
  })
})

const folders = (variables: Record<string, string>) => {
  const environment = readEnvironment({ HOME: '/home/me', ...variables })
  return [configDir, dataDir, cacheDir, stateDir].map((folder) => folder(environment))
}

describe('our folders', () => {
  it('stand where XDG says', () => {
    const usual = ['/home/me/.config', '/home/me/.local/share', '/home/me/.cache', '/home/me/.local/state']
    expect(folders({})).to.deep.equal(usual.map((folder) => `${folder}/drydock`))
    const set = { XDG_CONFIG_HOME: '/a', XDG_DATA_HOME: '/b/', XDG_CACHE_HOME: '/c', XDG_STATE_HOME: '/d' }
    expect(folders(set)).to.deep.equal(['/a/drydock', '/b/drydock', '/c/drydock', '/d/drydock'])
  })

  it('stand in the usual places where a variable is not an absolute path', () => {
    const set = { XDG_CONFIG_HOME: 'a', XDG_DATA_HOME: './b', XDG_CACHE_HOME: '~/c', XDG_STATE_HOME: '' }
    expect(folders(set)).to.deep.equal(folders({}))
  })

  it('are shown as a person would write them', () => {
    const rows = [
      ['/home/me/.config/x', '/home/me', '~/.config/x'],
      ['/home/meadow/x', '/home/me', '/home/meadow/x'],
      ['/etc/x', '/home/me', '/etc/x'],
      ['/x', '/', '/x'],
    ]
    expect(rows.map(([path, home]) => tilde(path!, home!))).to.deep.equal(rows.map((row) => row[2]))
  })
})
