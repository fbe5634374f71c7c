import { join } from 'node:path'
import { type Theme, loadTheme, themeNames } from '../config/theme.ts'
import type { Places } from './settings.ts'

/** Light or dark, as the terminal's background is. */
const automatic = 'auto'

/** The themes by name, and the one that holds. */
export class Themes {
  private readonly folders: { shipped: string; user: string; home: string }
  private name: string
  /** What the terminal said of its background; most are dark. */
  private light = false

  constructor(options: { root: string; places: Places; home: string; name: string }) {
    const { root, places, home } = options
    this.folders = { shipped: join(root, 'themes'), user: join(places.config, 'themes'), home }
    this.name = options.name
  }

  get current(): string {
    return this.name
  }

  names(): string[] {
    return [automatic, ...themeNames(this.folders)]
  }

  /** Where the person's own file of the theme that holds is, or would be. */
  get ownFile(): string {
    return join(this.folders.user, `${this.fileName(this.name)}.toml`)
  }

  /** The theme that holds, as its file has it now. Failure `config`. */
  load(): Theme {
    return this.read(this.name)
  }

  /** Another theme holds from now on. Failure `config`: the one before still does. */
  choose(name: string): Theme {
    const theme = this.read(name)
    this.name = name
    return theme
  }

  /** The terminal said what its background is. Gives the theme that holds now, where that is another. */
  onBackground(isLight: boolean): Theme | undefined {
    const before = this.fileName(this.name)
    this.light = isLight
    return this.fileName(this.name) === before ? undefined : this.load()
  }

  private read(name: string): Theme {
    return loadTheme(this.fileName(name), this.folders)
  }

  private fileName(name: string): string {
    return name !== automatic ? name : this.light ? 'light' : 'dark'
  }
}
