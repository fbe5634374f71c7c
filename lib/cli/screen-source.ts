import { setKey } from '../config/edit.ts'
import { type Theme, loadTheme, themeNames } from '../config/theme.ts'
import type { FileDiff } from '../core/changes.ts'
import type { Paths, Prompts, Source } from '../tui/source.ts'
import { type Settings, configFile } from './settings.ts'

/** Where themes are, and the person's home for messages. */
export interface ThemeFolders {
  shipped: string
  user: string
  home: string
}

/** What the screen reads besides the facts. `settings` gives those that hold; `theme` is the one that is shown. */
export function screenSource(options: {
  settings: () => Settings
  theme: Theme
  folders: ThemeFolders
  diff: (path: string) => Promise<FileDiff>
  paths: Paths
  prompts: Prompts
  /** Loaded when it is first needed. */
  outside: () => Promise<Pick<Source, 'copy' | 'open'>>
}): Source {
  const { settings, folders, diff, paths, prompts } = options
  let current = options.theme.name
  return {
    diff,
    paths,
    prompts,
    copy: async (text) => (await options.outside()).copy(text),
    open: async (text, program, name) => (await options.outside()).open(text, program, name),
    models: () =>
      Object.entries(settings().loaded.config.providers).flatMap(([provider, { models }]) =>
        Object.keys(models).map((model) => `${provider}/${model}`),
      ),
    themes: () => ({ names: themeNames(folders), current }),
    chooseTheme: (name) => {
      const theme = loadTheme(name, folders)
      setKey(configFile(settings().places), ['theme'], name)
      current = name
      return theme
    },
  }
}
