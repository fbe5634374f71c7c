import { expect } from 'chai'
import { renameSync } from 'node:fs'
import { shippedTheme } from '../support/fake-screen.ts'
import { type Place, agentPath, makePlace } from '../support/agent.ts'
import { type VirtualTerminal, openTerminal, untouched } from '../support/virtual-terminal.ts'
import { tones } from '../../lib/config/theme.ts'

describe("The person's files, while the screen is open", () => {
  let place: Place
  let terminal: VirtualTerminal

  beforeEach(async () => {
    place = makePlace()
    place.write('.config/drydock/config.toml', 'model = "echo"\ntheme = "mine"\nsandbox.backend = "local"\n')
    place.write('.config/drydock/themes/mine.toml', theme('#112233'))
    const cwd = place.project({ 'a.txt': 'one\n' })
    terminal = openTerminal({ argv: [process.execPath, agentPath], cwd, env: place.env, cols: 100, rows: 30 })
    await terminal.waitFor('echo')
  })
  afterEach(() => {
    terminal.dispose()
    place.dispose()
  })

  /** Saved as most editors do: another file in its place. */
  function save(name: string, text: string): void {
    renameSync(place.write(`.config/drydock/${name}~`, text), `${place.home}/.config/drydock/${name}`)
  }

  const looks = (colour: string) => () =>
    terminal
      .cells()
      .flat()
      .some(({ look }) => look.includes(`fg${colour}`))

  it('hold as soon as they are saved; a mistake is a sentence with its line, and changes nothing', async () => {
    save('keybinds.toml', '[global]\n"f5" = "help.open"\n')
    // Nothing on the screen says that it was read: the key is pressed until it means something.
    const pressing = setInterval(() => terminal.press('f5'), 100)
    await terminal.waitFor('a key, or what it is to do').finally(() => clearInterval(pressing))
    terminal.press('escape')
    await terminal.waitFor((rows) => !rows.join('').includes('a key, or what'))

    save('keybinds.toml', '[global]\n\n"f6" = "help.opne"\n')
    await terminal.waitFor((rows) =>
      /keybinds.toml:3: there is no action "help.opne"; did you\s+mean "help.open"/.test(rows.join(' ')),
    )
    terminal.press('f5')
    await terminal.waitFor('a key, or what it is to do')
    terminal.press('escape')

    expect(looks('#112233')()).to.equal(true)
    save('themes/mine.toml', theme('#445566'))
    await terminal.waitFor(looks('#445566'))
    save('themes/mine.toml', 'tones = 3\n')
    await terminal.waitFor('mine.toml:1')
    expect(looks('#445566')()).to.equal(true)

    expect(terminal.modes().mouse).to.not.equal('none')
    save('config.toml', 'model = "echo"\ntheme = "light"\nsandbox.backend = "local"\nscreen.mouse = false\n')
    await terminal.waitFor(() => terminal.modes().mouse === 'none')
    await terminal.waitFor(looks(shippedTheme('light').dim!.fg as string))
    terminal.press('alt+m')
    await terminal.waitFor(() => terminal.modes().mouse !== 'none')

    terminal.press('ctrl+d')
    expect(await terminal.exit).to.equal(0)
    expect(terminal.modes()).to.deep.equal(untouched)
  })
})

/** A theme of one colour. */
function theme(accent: string): string {
  return `[tones]\n${tones.map((tone) => `${tone} = { fg = "${accent}" }\n`).join('')}`
}
