import type { Pack } from 'tar-stream'
import { Failure, isAbort } from '../core/failure.ts'
import type { Engine } from './engine.ts'
import { followProgress } from './progress.ts'

export interface Build {
  /** The name of the image to make. */
  tag: string
  /** A tar stream that holds the Dockerfile as `Dockerfile`, or under the name given. */
  context: Pack
  dockerfile?: string
  args?: Record<string, string>
  target?: string
  labels?: Record<string, string>
  /** True where its steps fetch nothing: they have no network then. */
  offline?: boolean
  /** One line of what is going on, without a line end. */
  onProgress: (line: string) => void
  signal: AbortSignal
}

/**
 * Has the engine build an image.
 *
 * Errors: `Failure` `image` with the step that failed; an abort throws the signal's reason, and the engine stops.
 */
export async function build(engine: Engine, { tag, context, onProgress, signal, ...options }: Build): Promise<void> {
  try {
    const answer = await engine.docker.buildImage(context as unknown as NodeJS.ReadableStream, {
      t: tag,
      // What is said empty podman cannot read.
      dockerfile: options.dockerfile ?? 'Dockerfile',
      buildargs: options.args ?? {},
      ...(options.target === undefined ? {} : { target: options.target }),
      labels: options.labels ?? {},
      networkmode: options.offline ? 'none' : 'default',
      rm: true,
      forcerm: true,
      abortSignal: signal,
    })
    await followProgress(answer, signal, ({ stream = '', status, id, progress }) => {
      for (const text of stream.split('\n')) if (!isChatter(text)) onProgress(asStep(text))
      // The engine fetches what a Dockerfile begins with.
      if (status && !progress) onProgress(id ? `${status} ${id}` : status)
    })
  } catch (error) {
    if (signal.aborted) throw signal.reason
    if (error instanceof Failure || isAbort(error)) throw error
    const reason = error instanceof Error ? error.message : String(error)
    throw new Failure('image', `The image ${tag} could not be built: ${reason}`, { cause: error })
  } finally {
    context.destroy()
  }
}

/** What the builder says of its own containers and layers. */
function isChatter(line: string): boolean {
  return /^\s*(---> .*|Removing intermediate container .*)?$/.test(line)
}

/** The builder's `Step 3/7 : RUN …` in our words; other lines as they are. */
function asStep(line: string): string {
  return line
    .replace(/^Step (\d+\/\d+) : /, 'step $1 ')
    .trim()
    .slice(0, 200)
}
