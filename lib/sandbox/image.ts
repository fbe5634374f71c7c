import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pack, type Pack } from 'tar-stream'
import { Failure, isAbort } from '../core/failure.ts'
import { provideBase } from './base.ts'
import { capture } from './command.ts'
import type { Engine } from './engine.ts'
import { followProgress } from './progress.ts'

/** npm packages that the image is made with; the engine's architecture completes the first name. */
const nodeRange = '22'
const npmRange = '10'

export interface BuildOptions {
  /** Folder that holds base.Dockerfile. */
  dir: string
  /** One line of what is going on, without a line end. */
  onProgress: (line: string) => void
  signal: AbortSignal
}

/** The name of the image that `dir`/base.Dockerfile makes: another content, another name. */
export async function imageTag(dir: string): Promise<string> {
  const content = await readFile(join(dir, 'base.Dockerfile'))
  const hash = createHash('sha256').update(content).update(`node ${nodeRange} npm ${npmRange}`).digest('hex')
  return `drydock-base:${hash.slice(0, 12)}`
}

/**
 * Builds the base image and gives its name. What it needs comes through the engine (the Debian image and packages) and
 * the person's npm (Node).
 *
 * Errors: `Failure` `image` with the step that failed; an abort throws the signal's reason.
 */
export async function buildImage(engine: Engine, options: BuildOptions): Promise<string> {
  const { onProgress, signal } = options
  const tag = await imageTag(options.dir)
  await provideBase(engine, { name: 'debian:bookworm-slim', onProgress, signal })
  const folder = await mkdtemp(join(tmpdir(), 'drydock-image-'))
  try {
    onProgress('fetching Node and npm')
    const architecture = (await engine.docker.version()).Arch === 'arm64' ? 'arm64' : 'x64'
    const node = await npmPack(`node-linux-${architecture}@${nodeRange}`, folder, signal)
    const npm = await npmPack(`npm@${npmRange}`, folder, signal)
    const context = buildContext([
      { name: 'Dockerfile', path: join(options.dir, 'base.Dockerfile') },
      { name: 'node.tgz', path: node.path },
      { name: 'npm.tgz', path: npm.path },
    ])
    const labels = { 'drydock.image': tag, 'drydock.node': node.version, 'drydock.npm': npm.version }
    const answer = await engine.docker.buildImage(context as unknown as NodeJS.ReadableStream, {
      t: tag,
      labels,
      rm: true,
      forcerm: true,
      abortSignal: signal,
    })
    await followProgress(answer, signal, ({ stream = '' }) => {
      for (const text of stream.split('\n')) if (!isChatter(text)) onProgress(asStep(text))
    })
    await engine.docker.pruneImages({ filters: { dangling: ['true'], label: ['drydock.stage'] } }).catch(() => {})
    return tag
  } catch (error) {
    if (signal.aborted) throw signal.reason
    if (error instanceof Failure || isAbort(error)) throw error
    throw new Failure('image', `The image could not be built: ${reasonOf(error)}`, { cause: error })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

interface Packed {
  path: string
  version: string
}

async function npmPack(spec: string, folder: string, signal: AbortSignal): Promise<Packed> {
  const result = await capture('npm', ['pack', '--json', '--silent', spec], { cwd: folder, signal })
  try {
    if (result.code !== 0) throw new Error(lastLine(result.stderr) || `exit ${result.code}`)
    const [made] = JSON.parse(result.stdout) as { filename: string; version: string }[]
    return { path: join(folder, made!.filename.replace('/', '-')), version: made!.version }
  } catch (error) {
    throw new Failure(
      'image',
      `npm could not fetch ${spec}, which the image needs: ${reasonOf(error)}. Check that \`npm view ${spec} version\` works, then try again.`,
      { cause: error },
    )
  }
}

/** A tar stream of the given files, read as the engine takes it. */
function buildContext(files: { name: string; path: string }[]): Pack {
  const tar = pack()
  const fill = async () => {
    for (const file of files) {
      const { size } = await stat(file.path)
      await new Promise<void>((resolve, reject) => {
        const entry = tar.entry({ name: file.name, size }, (error) => (error ? reject(error) : resolve()))
        createReadStream(file.path).on('error', reject).pipe(entry)
      })
    }
    tar.finalize()
  }
  fill().catch((error: Error) => tar.destroy(error))
  return tar
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

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? ''
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
