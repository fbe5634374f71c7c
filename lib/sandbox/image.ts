import { readFile } from 'node:fs/promises'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pack } from 'tar-stream'
import { provideBase } from './base.ts'
import type { Engine } from './engine.ts'
import { addNode, fetchNode } from './node-packages.ts'
import { type Recipe, dockerfileOf, imageTag, layersOf } from './recipe.ts'
import { buildStamped } from './stamp.ts'

export interface BuildOptions {
  /** Folder that holds the Dockerfiles. */
  dir: string
  /** One line of what is going on, without a line end. */
  onProgress: (line: string) => void
  signal: AbortSignal
}

/**
 * Builds one of Drydock's images, and those below it that are not there, and gives its name. What they need comes through
 * the engine (the Debian image and packages) and the person's npm (Node).
 *
 * Errors: `Failure` `image` with the step that failed; an abort throws the signal's reason.
 */
export async function buildImage(engine: Engine, recipe: Recipe, options: BuildOptions): Promise<string> {
  let base = ''
  for (const layer of layersOf(recipe)) {
    const tag = await imageTag(options.dir, layer)
    if (!(await engine.hasImage(tag))) await buildLayer(engine, layer, { ...options, tag, base })
    base = tag
  }
  return base
}

async function buildLayer(
  engine: Engine,
  layer: Recipe,
  { tag, base, dir, onProgress, signal }: BuildOptions & { tag: string; base: string },
): Promise<void> {
  const uppermost = layer.toolchains.at(-1)
  const folder = await mkdtemp(join(tmpdir(), 'drydock-image-'))
  try {
    if (uppermost === undefined) await provideBase(engine, { name: 'debian:bookworm-slim', onProgress, signal })
    const context = pack()
    context.entry({ name: 'Dockerfile' }, await readFile(join(dir, dockerfileOf(layer))))
    let filled = Promise.resolve()
    // Node comes with the context, all else through the engine.
    const offline = uppermost?.language === 'node'
    if (offline) {
      onProgress('fetching Node and npm')
      const architecture = (await engine.docker.version()).Arch === 'arm64' ? 'arm64' : 'x64'
      const packages = await fetchNode({ architecture, range: uppermost.range, folder, signal })
      filled = addNode(context, packages)
    }
    filled.then(() => context.finalize()).catch((error: Error) => context.destroy(error))
    const args: Record<string, string> = base === '' ? {} : { BASE: base }
    await buildStamped(
      engine,
      { toolchains: layer.toolchains },
      {
        tag,
        context,
        args,
        offline,
        onProgress,
        signal,
      },
    )
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
