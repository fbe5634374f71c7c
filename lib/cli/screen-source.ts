import { setKey } from '../config/edit.ts'
import type { FileDoor } from '../tui/file-door.ts'
import type { Paths, Prompts, Source } from '../tui/source.ts'
import type { Reads } from './reads.ts'
import { type Settings, configFile } from './settings.ts'
import type { Themes } from './themes.ts'

/** What the screen reads besides the facts. `settings` gives those that hold. */
export function screenSource(options: {
  settings: () => Settings
  themes: Themes
  reads: Reads
  paths: Paths
  prompts: Prompts
  files: FileDoor
  popOut: Source['popOut']
  chooseKeys: Source['chooseKeys']
  sessions: Source['sessions']
  leaveFor: Source['leaveFor']
  /** Loaded when it is first needed. */
  outside: () => Promise<Pick<Source, 'copy' | 'open'>>
}): Source {
  const { settings, themes, reads, paths, prompts, files, popOut, chooseKeys, sessions, leaveFor } = options
  return {
    diff: (path, context) => reads.diff(path, context),
    paths,
    prompts,
    files,
    popOut,
    sessions,
    leaveFor,
    chooseKeys: (set) => {
      chooseKeys(set)
      setKey(configFile(settings().places), ['screen', 'keys'], set)
    },
    copy: async (text) => (await options.outside()).copy(text),
    open: async (text, program, name) => (await options.outside()).open(text, program, name),
    models: () =>
      Object.entries(settings().loaded.config.providers).flatMap(([provider, { models }]) =>
        Object.keys(models).map((model) => `${provider}/${model}`),
      ),
    themes: () => ({ names: themes.names(), current: themes.current }),
    chooseTheme: (name) => {
      const theme = themes.choose(name)
      setKey(configFile(settings().places), ['theme'], name)
      return theme
    },
  }
}
