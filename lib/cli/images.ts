import { basename, join } from 'node:path'
import type { Engine } from '../sandbox/engine.ts'
import { findEngine } from '../sandbox/find-engine.ts'
import { filesOf, languagesIn, toolchainsFor } from '../sandbox/languages.ts'
import { type StoredImage, removeImage, storedImages } from '../sandbox/image-store.ts'
import { type OwnImage, imageName, recipeOf } from '../sandbox/recipe.ts'
import type { ImageChoice } from '../sandbox/image-choice.ts'
import { sizeText } from '../tools/text-file.ts'
import type { ImagesAction } from './call.ts'
import { enginePlace } from './backend.ts'
import { chosenImage } from './chosen-image.ts'
import { confirmed } from './confirm.ts'
import { exits } from './exit.ts'
import { buildProject, prepareImage } from './image.ts'
import type { Parts } from './parts.ts'
import { readSettings } from './settings.ts'
import { visible } from './unified.ts'

export interface ImagesOptions {
  action: ImagesAction
  /** What to build; what the project gets where absent. */
  image?: OwnImage
  json: boolean
  yes: boolean
}

/** `agent images list|build|prune`. Exit code 1 after a no, 130 where a build was cancelled. */
export async function images(parts: Parts, options: ImagesOptions): Promise<number> {
  const { environment, root } = parts
  const engine = await findEngine(enginePlace(environment))
  const dir = join(root, 'sandbox-images')
  if (options.action === 'build') return buildOne(parts, engine, dir, options)
  if (options.action === 'prune') return prune(parts, engine, dir, options)
  const all = await storedImages(engine, dir)
  if (options.json) parts.stdout.write(asJson(all))
  else if (all.length === 0) parts.stderr.write('There are no images yet: the first is built at the first prompt.\n')
  else parts.stdout.write(table(all))
  return exits.done
}

async function buildOne(parts: Parts, engine: Engine, dir: string, { image, json }: ImagesOptions): Promise<number> {
  const settings = readSettings(parts)
  const { project } = settings
  const choice = image === undefined ? chosenImage(settings) : ownChoice(image, project)
  const cancel = new AbortController()
  const stop = () => cancel.abort()
  process.once('SIGINT', stop).once('SIGTERM', stop)
  const say = (line: string) => void parts.stderr.write(`${visible(line)}\n`)
  const options = {
    project,
    imagesDir: dir,
    hide: settings.loaded.config.sandbox.hide,
    // To call for a build is the yes to it.
    ask: async () => 'once' as const,
    onStatus: (_: unknown, text: string) => say(text),
    onProblem: ({ message }: { message: string }) => say(message),
    signal: cancel.signal,
  }
  try {
    if (choice.kind === 'built') await buildProject(engine, choice.devcontainer, options)
    const prepared = await prepareImage(engine, choice, options)
    const made = (await storedImages(engine, dir)).filter(({ tag }) => tag === prepared.image)
    parts.stdout.write(json ? asJson(made) : table(made))
    return exits.done
  } catch (error) {
    if (!cancel.signal.aborted) throw error
    say('Cancelled.')
    return exits.cancelled
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop)
  }
}

function ownChoice(image: OwnImage, project: string): ImageChoice {
  const found = languagesIn(filesOf(project))
  return { kind: 'own', recipe: recipeOf(image, toolchainsFor(found)), found, why: 'by its name' }
}

async function prune(parts: Parts, engine: Engine, dir: string, { yes, json }: ImagesOptions): Promise<number> {
  const old = (await storedImages(engine, dir)).filter(({ current, used }) => !current && !used)
  if (old.length === 0) {
    parts.stderr.write('There is nothing to remove: every image is of use.\n')
    if (json) parts.stdout.write(asJson([]))
    return exits.done
  }
  parts.stderr.write(table(old))
  if (!yes && !(await confirmed(parts, 'Remove these images?'))) return exits.failed
  // What is made from another goes before it.
  for (const { tag } of old.toSorted((a, b) => b.created - a.created)) await removeImage(engine, tag)
  if (json) parts.stdout.write(asJson(old))
  return exits.done
}

/** What an image is called to the person: by its toolchains, or by what it was made from. */
function title({ origin }: StoredImage): string {
  if ('toolchains' in origin) return imageName(origin)
  return 'image' in origin ? origin.image : basename(origin.project)
}

function table(all: readonly StoredImage[]): string {
  const rows = all.map((image) => [
    title(image),
    image.tag,
    sizeText(image.size),
    age(Date.now() - image.created),
    Object.entries(image.versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(', ') || '-',
    [image.used ? 'in use' : '', image.current ? '' : 'old'].filter(Boolean).join(', '),
  ])
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => visible(row[column]!).length))) ?? []
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, column) => visible(cell).padEnd(widths[column]!))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('')
}

function asJson(all: readonly StoredImage[]): string {
  const data = all.map((image) => ({ name: title(image), ...image, created: new Date(image.created).toISOString() }))
  return `${JSON.stringify(data, undefined, 2)}\n`
}

/** `3 min`, `5 h`, `12 d`. */
function age(ms: number): string {
  const minutes = Math.max(0, Math.floor(ms / 60_000))
  if (minutes < 120) return `${minutes} min`
  return minutes < 48 * 60 ? `${Math.floor(minutes / 60)} h` : `${Math.floor(minutes / 60 / 24)} d`
}
