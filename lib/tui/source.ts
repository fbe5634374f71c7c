import type { KeySet } from '../config/keymap.ts'
import type { Theme } from '../config/theme.ts'
import type { FileDiff } from '../core/changes.ts'
import type { Disposable } from '../core/dispose.ts'
import type { SoloName } from './arrangement.ts'
import type { FileDoor } from './file-door.ts'

/** What the screen reads besides the facts on the bus. `main` supplies it. */
export interface Source {
  /** The diff of one changed file of the workspace, with so many equal lines around what differs (3 unless said). */
  diff(path: string, context?: number): Promise<FileDiff>
  /** The models that the configuration names, as `provider/model`. */
  models(): string[]
  /** The themes by name, and the one that holds; choosing one keeps it for the person. Failure `config`, `disk`. */
  themes(): { names: string[]; current: string }
  chooseTheme(name: string): Theme
  /** The ready sets of keys; choosing one keeps it for the person. Failure `config`, `disk`: the one before holds. */
  chooseKeys(set: KeySet): void
  readonly paths: Paths
  readonly prompts: Prompts
  readonly files: FileDoor
  /** Opens a view of the session beside this screen, in a pane of the terminal's own (tmux). Failure `terminal`. */
  popOut(session: string, view: SoloName, file?: string): Promise<void>
  /** The sessions of this project in which something was asked, the one used last first. */
  sessions(): Promise<readonly SessionRow[]>
  /** Closes this screen and goes on with another session, be that at work or ended. */
  leaveFor(session: string): void
  /** Hands a text to what keeps a clipboard on this machine: inside of tmux, to tmux. False where nothing took it. */
  copy(text: string): Promise<boolean>
  /**
   * Opens a text, as a file of that name, in the person's editor or pager, which has the terminal until it ends. Gives
   * the text as it was left. Failure `terminal`, with what the program ended with.
   */
  open(text: string, program: 'editor' | 'pager', name: string): Promise<string>
}

/** A session as one chooses it from a list. */
export interface SessionRow {
  session: string
  /** What was asked first. */
  prompt: string
  /** In milliseconds since 1970. */
  usedAt: number
  /** How it stands: `ended`, `at work`. */
  state: string
}

/** What was sent in this project, kept from session to session. */
export interface Prompts {
  /** The latest last. */
  recent(): string[]
  /** Keeps one more. Never throws: where it cannot be kept, the prompt is sent all the same. */
  keep(text: string): void
}

/** The files of the workspace, by their paths from its root; what is ignored is left out. */
export interface Paths {
  /** All that are known, new files first; another array each time that they are others. Not to be changed. */
  readonly known: readonly string[]
  /** False until they were listed for the first time. */
  readonly whole: boolean
  /**
   * Lists them anew in the background, unless that was done a moment ago or is under way: for whoever begins to look. What
   * the changes say comes in without it. Where they cannot be listed, they stay as they are known.
   */
  refresh(): void
  /** Hears when `known` or `whole` has changed. */
  onChange(listener: () => void): Disposable
}
