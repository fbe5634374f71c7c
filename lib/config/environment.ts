import { homedir } from 'node:os'

/** What the program takes from the environment: the one place where it is read. Empty variables count as not set. */
export interface Environment {
  home: string
  xdgConfigHome?: string
  xdgDataHome?: string
  xdgCacheHome?: string
  xdgStateHome?: string
  xdgRuntimeDir?: string
  dockerHost?: string
  containerHost?: string
  term?: string
  colorterm?: string
  /** Set to anything: no colour (no-color.org). */
  noColor: boolean
  /** Running inside tmux, in the pane of that name. */
  tmux: boolean
  tmuxPane?: string
  /** Running in a continuous-integration service. */
  ci: boolean
  /** The folder `npm start` was called from. */
  initCwd?: string
  editor?: string
  pager?: string
  lang?: string
  path: string
  /** The value of one variable by its name: API keys, DRYDOCK_ overrides, what the config passes into the sandbox. */
  key(name: string): string | undefined
}

/** A frozen picture of `variables`, by default the process's own. */
export function readEnvironment(variables: Readonly<Record<string, string | undefined>> = process.env): Environment {
  const held = new Map(Object.entries(variables))
  const key = (name: string) => held.get(name) || undefined
  return Object.freeze({
    home: key('HOME') ?? homedir(),
    xdgConfigHome: key('XDG_CONFIG_HOME'),
    xdgDataHome: key('XDG_DATA_HOME'),
    xdgCacheHome: key('XDG_CACHE_HOME'),
    xdgStateHome: key('XDG_STATE_HOME'),
    xdgRuntimeDir: key('XDG_RUNTIME_DIR'),
    dockerHost: key('DOCKER_HOST'),
    containerHost: key('CONTAINER_HOST'),
    term: key('TERM'),
    colorterm: key('COLORTERM'),
    noColor: key('NO_COLOR') !== undefined,
    tmux: key('TMUX') !== undefined,
    tmuxPane: key('TMUX_PANE'),
    ci: key('CI') !== undefined && key('CI') !== 'false',
    initCwd: key('INIT_CWD'),
    editor: key('VISUAL') ?? key('EDITOR'),
    pager: key('PAGER'),
    lang: key('LC_ALL') ?? key('LC_MESSAGES') ?? key('LANG'),
    path: key('PATH') ?? '',
    key,
  })
}
