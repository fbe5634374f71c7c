import type { Keymap } from '../config/keymap.ts'
import { chooseDepth } from '../tui/colour.ts'
import type { EndingHandlers } from '../tui/ending.ts'
import { type Screen, openScreen } from '../tui/screen.ts'
import { readKeymap } from './following.ts'
import type { Parts } from './parts.ts'
import type { Settings } from './settings.ts'
import { Themes } from './themes.ts'

/** The person's terminal as they have configured it: the screen on it, its keys and its colours. */
export interface Display {
  screen: Screen
  keymap: Keymap
  themes: Themes
}

/** Takes the terminal over. Failure `config` or `terminal`. */
export function openDisplay(parts: Parts, { places, loaded }: Settings, endings: EndingHandlers): Display {
  const { environment, root, stdin, stdout } = parts
  const { config } = loaded
  const keymap = readKeymap(parts, places, config.screen.keys)
  const themes = new Themes({ root, places, home: environment.home, name: config.theme })
  const screen = openScreen({
    stdin,
    stdout,
    term: environment.term ?? '',
    theme: themes.load(),
    depth: chooseDepth(config.screen.colors, {
      NO_COLOR: environment.noColor ? '1' : undefined,
      COLORTERM: environment.colorterm,
      TERM: environment.term,
    }),
    mouse: config.screen.mouse,
    escapeMs: config.screen.escape_ms,
    title: 'drydock',
    process,
    ...endings,
  })
  screen.onBackground((isLight) => {
    const theme = themes.onBackground(isLight)
    if (theme !== undefined) screen.setTheme(theme)
  })
  return { screen, keymap, themes }
}

/** Has the terminal given back even where the program is killed. Not before the first frame: it takes a moment. */
export async function guardTerminal(screen: Screen): Promise<void> {
  screen.setGuard((await import('../tui/watchdog.ts')).startWatchdog)
}
