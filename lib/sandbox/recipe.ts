import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** The languages that Drydock has toolchains for, in the order in which a polyglot image stacks them. */
export const languages = ['python', 'node', 'go', 'rust'] as const
export type Language = (typeof languages)[number]

/** Drydock's own images, by the names that `sandbox.image` takes. */
export const ownImages = ['base', ...languages, 'polyglot'] as const
export type OwnImage = (typeof ownImages)[number]

export interface Toolchain {
  language: Language
  /** Versions that will do, as a range of npm's; the usual one where absent. Heeded for Node alone. */
  range?: string
}

/** One of Drydock's images: the base, with toolchains on top of each other in the order of `languages`. */
export interface Recipe {
  toolchains: Toolchain[]
}

/** The Node that is taken where nothing asks for another, and where this one does as well as another would. */
export const usualNode = '22'

export function isOwnImage(name: string): name is OwnImage {
  return ownImages.some((own) => own === name)
}

/** The recipe of an image by its name; `wanted`: what the project asks for of the toolchains in it. */
export function recipeOf(name: OwnImage, wanted: readonly Toolchain[] = []): Recipe {
  const inIt = languages.filter((language) => name === 'polyglot' || name === language)
  return { toolchains: inIt.map((language) => wanted.find((one) => one.language === language) ?? { language }) }
}

export function imageName({ toolchains }: Recipe): OwnImage {
  const [only, ...more] = toolchains
  return only === undefined ? 'base' : more.length > 0 ? 'polyglot' : only.language
}

/** The images that a recipe is made from, each the base of the next; the last is its own. */
export function layersOf({ toolchains }: Recipe): Recipe[] {
  return [[], ...toolchains.map((_, index) => toolchains.slice(0, index + 1))].map((some) => ({ toolchains: some }))
}

/** The Dockerfile of the uppermost layer. */
export function dockerfileOf({ toolchains }: Recipe): string {
  return `${toolchains.at(-1)?.language ?? 'base'}.Dockerfile`
}

/** What the image of a recipe is called, by the Dockerfiles in `dir`: another content, another name. */
export async function imageTag(dir: string, recipe: Recipe): Promise<string> {
  const hash = createHash('sha256')
  for (const layer of layersOf(recipe)) {
    const range = layer.toolchains.at(-1)?.range ?? ''
    hash.update(await readFile(join(dir, dockerfileOf(layer)))).update(`\0${range}\0`)
  }
  return `drydock-${imageName(recipe)}:${hash.update(usualNode).digest('hex').slice(0, 12)}`
}
