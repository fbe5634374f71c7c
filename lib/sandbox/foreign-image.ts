import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pack } from 'tar-stream'
import type { Engine } from './engine.ts'
import type { BuildOptions } from './image.ts'
import { type Probe, essential, probe } from './probe.ts'
import { buildStamped, stampImage } from './stamp.ts'

/** What an image of somebody else's is called once it is fitted for the sandbox: by what it is, not how it is called. */
export async function fittedTag(engine: Engine, image: string, dir: string): Promise<string> {
  const { Id } = await engine.docker.getImage(image).inspect()
  const hash = createHash('sha256')
    .update(Id)
    .update(await readFile(join(dir, 'fitted.Dockerfile')))
  return `drydock-fitted:${hash.digest('hex').slice(0, 12)}`
}

/**
 * Gives an image a name of ours, `tag`, where it lacks nothing that the sandbox needs. Otherwise makes nothing, and gives
 * what it lacks. Errors: `Failure` `image`.
 */
export async function adopt(
  engine: Engine,
  { image, tag }: { image: string; tag: string },
  options: BuildOptions,
): Promise<Probe> {
  const found = await probe(engine, image, options.signal)
  if (found.lacks.length === 0)
    await stampImage(engine, { from: image, tag, origin: { image }, versions: found.versions }, options)
  return found
}

/**
 * Adds to an image what the sandbox needs, by the image's own package manager (apt-get or apk), under the name `tag`.
 * Gives what is in it then. Errors: `Failure` `image`.
 */
export async function fit(
  engine: Engine,
  { image, tag }: { image: string; tag: string },
  { dir, onProgress, signal }: BuildOptions,
): Promise<Probe> {
  const context = pack()
  context.entry({ name: 'Dockerfile' }, await readFile(join(dir, 'fitted.Dockerfile')))
  context.finalize()
  return buildStamped(engine, { image }, { tag, context, args: { BASE: image }, onProgress, signal })
}

/** Whether the sandbox can be in an image that lacks these. */
export function usable({ lacks }: Probe): boolean {
  return !lacks.some((need) => essential.includes(need))
}
