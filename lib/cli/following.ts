import { join } from 'node:path'
import { type Keymap, type KeySet, loadKeymap } from '../config/keymap.ts'
import { watchFiles } from '../config/watch.ts'
import type { Disposable } from '../core/dispose.ts'
import type { Screen } from '../tui/screen.ts'
import type { Parts } from './parts.ts'
import { type Places, type Settings, configFile } from './settings.ts'
import type { Themes } from './themes.ts'

/** The meaning of the keys as the person's files have it. Failure `config` with file and line. */
export function readKeymap({ root, environment }: Parts, places: Places, set: KeySet): Keymap {
  const files = {
    defaults: join(root, 'keybinds.toml'),
    sets: join(root, 'keybinds'),
    user: ownKeys(places),
    home: environment.home,
  }
  return loadKeymap(files, set)
}

function ownKeys(places: Places): string {
  return join(places.config, 'keybinds.toml')
}

export interface Followed {
  /** As they are when this begins. */
  settings: Settings
  /** Reads them anew. Failure `config` or `policy`. */
  reread: () => Settings
  screen: Screen
  keymap: Keymap
  themes: Themes
  /** Hears of a file that cannot be used; what held before still holds. */
  onMistake: (error: unknown) => void
}

/** Lets what the screen has of the person's files hold as soon as they are saved: keys, theme, mouse, Escape. */
export function followFiles(parts: Parts, followed: Followed): Disposable {
  const { screen, keymap, themes, reread, onMistake } = followed
  const { places } = followed.settings
  let { config } = followed.settings.loaded
  const attempt = (act: () => void) => {
    try {
      act()
    } catch (error) {
      onMistake(error)
    }
  }
  const paths = () => [configFile(places), ownKeys(places), themes.ownFile]
  return watchFiles(paths, () => {
    attempt(() => {
      const before = config
      config = reread().loaded.config
      if (config.screen.mouse !== before.screen.mouse) screen.setMouse(config.screen.mouse)
      screen.setEscapeMs(config.screen.escape_ms)
    })
    attempt(() => keymap.use(readKeymap(parts, places, config.screen.keys)))
    attempt(() => screen.setTheme(config.theme === themes.current ? themes.load() : themes.choose(config.theme)))
    screen.request()
  })
}
