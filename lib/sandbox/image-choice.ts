import type { Devcontainer } from '../config/devcontainer.ts'
import type { Config } from '../config/schema.ts'
import { type Found, toolchainsFor } from './languages.ts'
import { type Recipe, isOwnImage, recipeOf } from './recipe.ts'

/** What a devcontainer.json asks for, with the Dockerfile that it names: trusted, all of it. */
export interface TrustedDevcontainer extends Devcontainer {
  /** Where it lies in the project. */
  path: string
  dockerfile?: Buffer
}

/** The image that a session works in, and why. `ignored`: what a devcontainer.json says besides, which is not followed. */
export type ImageChoice = { why: string } & (
  | { kind: 'own'; recipe: Recipe; found: readonly Found[] }
  | { kind: 'named'; name: string; ignored: readonly string[] }
  | { kind: 'built'; devcontainer: TrustedDevcontainer; ignored: readonly string[] }
)

/** Chooses by `sandbox.image`, else by the devcontainer.json, else by the languages found. */
export function chooseImage(
  wanted: Config['sandbox']['image'],
  project: { devcontainer?: TrustedDevcontainer; found: () => readonly Found[] },
): ImageChoice {
  if (isOwnImage(wanted)) {
    const found = project.found()
    return { kind: 'own', recipe: recipeOf(wanted, toolchainsFor(found)), found, why: 'sandbox.image says so' }
  }
  if (wanted !== 'auto') return { kind: 'named', name: wanted, ignored: [], why: 'sandbox.image says so' }
  const { devcontainer } = project
  if (devcontainer !== undefined) {
    const { source, ignored, path } = devcontainer
    const why = `${path} says so`
    if ('image' in source) return { kind: 'named', name: source.image, ignored, why }
    return { kind: 'built', devcontainer, ignored, why }
  }
  const found = project.found()
  const why = found.length > 0 ? `for ${found.map(({ marker }) => marker).join(', ')}` : 'no language was found'
  return { kind: 'own', recipe: { toolchains: toolchainsFor(found) }, found, why }
}
