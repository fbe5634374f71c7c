import { existsSync } from 'node:fs'
import type { ImageInfo } from 'dockerode'
import { Failure } from '../core/failure.ts'
import type { Engine } from './engine.ts'
import { fittedTag } from './foreign-image.ts'
import { imageTag } from './recipe.ts'
import { type Stamp, readStamp, stampLabel } from './stamp.ts'

/** An image of ours in the engine. */
export interface StoredImage extends Stamp {
  /** Bytes, with those of the images that it is made from. */
  size: number
  /** Milliseconds since 1970. */
  created: number
  /** A container is made of it, or of one that is made from it. */
  used: boolean
  /** A session would use it, as things are now: not one that another has taken the place of. */
  current: boolean
}

/** The images of ours that the engine has, by their names. `dir`: the folder with the Dockerfiles. */
export async function storedImages(engine: Engine, dir: string): Promise<StoredImage[]> {
  const [images, containers] = await Promise.all([
    engine.docker.listImages({ filters: { label: [stampLabel] } }),
    engine.docker.listContainers({ all: true }),
  ])
  const inUse = new Set(containers.map(({ ImageID }) => ImageID))
  const stamped = images.flatMap((image) => {
    const stamp = readStamp(image.Labels)
    // A label alone is also on what others have built on an image of ours.
    return stamp && hasName(image, stamp.tag) ? [{ image, stamp }] : []
  })
  const stored: StoredImage[] = []
  for (const { image, stamp } of stamped)
    stored.push({
      ...stamp,
      size: image.Size,
      created: image.Created * 1000,
      used: inUse.has(image.Id),
      current: await isCurrent(engine, dir, stamp, image, stamped),
    })
  return stored.toSorted((a, b) => (a.tag < b.tag ? -1 : 1))
}

/**
 * Removes one: its name, and what of it no other image holds.
 *
 * Errors: `Failure` `busy` where a container has come to use it, `engine` where the engine does not do it.
 */
export async function removeImage(engine: Engine, tag: string): Promise<void> {
  try {
    await engine.docker.getImage(tag).remove()
  } catch (error) {
    const { statusCode } = error as { statusCode?: number }
    if (statusCode === 404) return
    const reason = error instanceof Error ? error.message.trim() : String(error)
    throw new Failure(statusCode === 409 ? 'busy' : 'engine', `The image ${tag} was not removed: ${reason}`, {
      cause: error,
    })
  }
}

/** podman puts a registry before a name that has none. */
function hasName({ RepoTags }: ImageInfo, tag: string): boolean {
  return (RepoTags ?? []).some((name) => [tag, `localhost/${tag}`, `docker.io/library/${tag}`].includes(name))
}

async function isCurrent(
  engine: Engine,
  dir: string,
  { tag, origin }: Stamp,
  { Created }: ImageInfo,
  all: { image: ImageInfo; stamp: Stamp }[],
): Promise<boolean> {
  if ('toolchains' in origin) return tag === (await imageTag(dir, origin).catch(() => ''))
  if ('image' in origin) return tag === (await fittedTag(engine, origin.image, dir).catch(() => ''))
  const { project } = origin
  const newer = all.some(
    ({ stamp, image }) => 'project' in stamp.origin && stamp.origin.project === project && image.Created > Created,
  )
  return !newer && existsSync(project)
}
