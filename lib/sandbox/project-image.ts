import { createHash } from 'node:crypto'
import { posix } from 'node:path'
import { type Pack, pack } from 'tar-stream'
import type { Engine } from './engine.ts'
import type { BuildOptions } from './image.ts'
import type { TrustedDevcontainer } from './image-choice.ts'
import { buildStamped } from './stamp.ts'

/** What the image of a project's Dockerfile is called: by all that was trusted of it. Its context may change meanwhile. */
export function projectTag(project: string, { source, dockerfile }: TrustedDevcontainer): string {
  const hash = createHash('sha256')
    .update(JSON.stringify([project, source]))
    .update(dockerfile!)
  return `drydock-project:${hash.digest('hex').slice(0, 12)}`
}

/**
 * Builds the image of a project's Dockerfile, from its bytes as they were trusted; `addContext` puts the folder that it
 * is built from into the context. Gives its name. Errors: `Failure` `image`, and what `addContext` throws.
 */
export async function buildProjectImage(
  engine: Engine,
  options: {
    project: string
    devcontainer: TrustedDevcontainer
    addContext: (tar: Pack) => Promise<void>
  } & Pick<BuildOptions, 'onProgress' | 'signal'>,
): Promise<string> {
  const { project, devcontainer, addContext, onProgress, signal } = options
  const { source, dockerfile } = devcontainer
  if (!('dockerfile' in source)) throw new TypeError('there is no Dockerfile')
  const tag = projectTag(project, devcontainer)
  const dockerfileName = nameInContext(source)
  const context = pack()
  const filled = addContext(context).then(() => {
    // The last of a name counts.
    context.entry({ name: dockerfileName }, dockerfile!)
    context.finalize()
  })
  let unread: unknown
  filled.catch((error: Error) => {
    unread = error
    context.destroy(error)
  })
  try {
    const { args, target } = source
    const build = { tag, context, dockerfile: dockerfileName, args, target, onProgress, signal }
    await buildStamped(engine, { project }, build)
  } catch (error) {
    // Where the context could not be read, what the engine makes of that says nothing.
    throw unread ?? error
  }
  return tag
}

/** Where the Dockerfile is in its context: in its own place, or, where that is elsewhere, under a name of ours. */
function nameInContext({ dockerfile, context }: { dockerfile: string; context: string }): string {
  const within = posix.relative(context, dockerfile)
  return within.startsWith('..') ? '.drydock.Dockerfile' : within
}
