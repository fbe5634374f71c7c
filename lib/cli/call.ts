import type { Mode, Risk } from '../core/events.ts'
import type { Verdict } from '../config/schema.ts'
import type { OwnImage } from '../sandbox/recipe.ts'
import type { SoloName } from '../tui/arrangement.ts'

/** What `agent run` may be given ahead: the risks that ask, and building the image. */
export type Grant = Risk | 'image'

export const imagesActions = ['list', 'build', 'prune'] as const
export type ImagesAction = (typeof imagesActions)[number]

/** Flags that every command understands. */
export interface CommonFlags {
  /** `provider/model`. */
  model?: string
  /** `sandbox.backend`. */
  backend?: string
}

/** What is to be done with the workspaces. */
export type WorkspacesAct =
  | { act: 'list' }
  | { act: 'prune' }
  | { act: 'remove'; workspace: string }
  | { act: 'rename'; from: string; to: string }

/** One call of the program, understood. Times are seconds, costs US dollars. */
export type Command = CommonFlags &
  (
    | { name: 'screen'; dir?: string; mode?: Mode; workspace?: string; plain?: boolean }
    | {
        name: 'run'
        prompt?: string
        json: boolean
        apply: boolean
        mode?: Mode
        allow: Grant[]
        maxTurns?: number
        maxTime?: number
        maxCost?: number
        workspace?: string
        /** The session to go on with, by its name; an empty one: the latest of this project. */
        resume?: string
      }
    | { name: 'diff'; paths: string[]; workspace?: string }
    | { name: 'apply'; paths: string[]; allowed: string[]; hunks?: number[]; workspace?: string }
    | { name: 'discard'; paths: string[]; yes: boolean; restore?: string; workspace?: string }
    | { name: 'checkpoints'; workspace?: string }
    | { name: 'undo'; to?: string; yes: boolean; workspace?: string }
    | { name: 'commits'; act: 'list' | 'fetch'; revision?: string; as?: string; yes: boolean; workspace?: string }
    | { name: 'workspaces'; act: WorkspacesAct; yes: boolean; json: boolean }
    | { name: 'tools'; tool?: string }
    | { name: 'policy'; risk?: Risk; verdict?: Verdict }
    | { name: 'images'; action: ImagesAction; image?: OwnImage; json: boolean; yes: boolean }
    | { name: 'attach'; session?: string; view?: SoloName; file?: string }
    | { name: 'resume'; session?: string; list: boolean; plain: boolean; mode?: Mode }
    | { name: 'doctor' }
    | { name: 'demo'; plain: boolean }
    | { name: 'text'; text: string }
  )
