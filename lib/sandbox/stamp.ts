import { pack } from 'tar-stream'
import { type Build, build } from './build.ts'
import type { Engine } from './engine.ts'
import { type Probe, probe } from './probe.ts'
import type { Toolchain } from './recipe.ts'

/** Where an image of ours comes from. */
export type Origin =
  /** One of Drydock's own. */
  | { toolchains: Toolchain[] }
  /** Somebody else's, as it was called, fitted for the sandbox. */
  | { image: string }
  /** Built from the Dockerfile of a project's devcontainer.json; the project's path. */
  | { project: string }

/** What an image of ours says of itself, in its labels. */
export interface Stamp {
  /** Its name when it was made. Labels pass to what is built on an image: there it is another's. */
  tag: string
  origin: Origin
  /** By toolchain, as in `{ node: '22.12.0' }`. */
  versions: Record<string, string>
}

export const stampLabel = 'drydock.image'
const originLabel = 'drydock.origin'
const versionsLabel = 'drydock.versions'

/** The stamp in an image's labels; undefined where there is none that can be read. */
export function readStamp(labels: Readonly<Record<string, string>> | null | undefined): Stamp | undefined {
  const { [stampLabel]: tag, [originLabel]: origin, [versionsLabel]: versions } = labels ?? {}
  if (tag === undefined || origin === undefined || versions === undefined) return undefined
  try {
    return { tag, origin: JSON.parse(origin) as Origin, versions: JSON.parse(versions) as Record<string, string> }
  } catch {
    return undefined
  }
}

/** Gives the image `from` another name, `tag`, and a stamp; its content stays. Errors as of `build`. */
export async function stampImage(
  engine: Engine,
  { from, versions, ...stamp }: Stamp & { from: string },
  { signal }: Pick<Build, 'signal'>,
): Promise<void> {
  const context = pack()
  context.entry({ name: 'Dockerfile' }, `ARG BASE\nFROM \${BASE}\n`)
  context.finalize()
  const labels = {
    [stampLabel]: stamp.tag,
    [originLabel]: JSON.stringify(stamp.origin),
    [versionsLabel]: JSON.stringify(versions),
  }
  await build(engine, {
    tag: stamp.tag,
    context,
    args: { BASE: from },
    labels,
    offline: true,
    // What it says of so small a step is nothing to show.
    onProgress: () => {},
    signal,
  })
}

/** Builds an image, looks what is in it, and stamps it with that: it has its name only once all of it is done. */
export async function buildStamped(engine: Engine, origin: Origin, options: Build): Promise<Probe> {
  const { tag, onProgress, signal } = options
  const unfinished = `drydock-unfinished:${tag.replace(/^.*:/, '')}`
  await build(engine, { ...options, tag: unfinished })
  try {
    onProgress('looking what is in it')
    const found = await probe(engine, unfinished, signal)
    await stampImage(engine, { from: unfinished, tag, origin, versions: found.versions }, options)
    return found
  } finally {
    await engine.docker
      .getImage(unfinished)
      .remove()
      .catch(() => {})
  }
}
