import type { Answer, Question, SandboxState } from '../core/events.ts'
import { Failure } from '../core/failure.ts'
import type { Engine } from '../sandbox/engine.ts'
import { adopt, fit, fittedTag, usable } from '../sandbox/foreign-image.ts'
import type { ImageChoice } from '../sandbox/image-choice.ts'
import { type BuildOptions, buildImage } from '../sandbox/image.ts'
import { titles, unmet } from '../sandbox/languages.ts'
import { type Need, type Probe, needs } from '../sandbox/probe.ts'
import { buildProjectImage, projectTag } from '../sandbox/project-image.ts'
import { pull } from '../sandbox/pull.ts'
import { type Recipe, imageName, imageTag, usualNode } from '../sandbox/recipe.ts'
import { readStamp } from '../sandbox/stamp.ts'
import { addContext } from '../workspace/build-context.ts'

export interface ImageOptions {
  project: string
  /** The folder with the Dockerfiles. */
  imagesDir: string
  /** `sandbox.hide`: what of the project is no part of a build. */
  hide: readonly string[]
  ask(question: Omit<Question, 'id'>, signal: AbortSignal): Promise<Answer>
  onStatus(state: SandboxState, text: string): void
  /** Hears what does not work although the image is used. */
  onProblem(failure: Failure): void
  signal: AbortSignal
}

export interface PreparedImage {
  /** Its name in the engine. */
  image: string
  /** What to call it to the person. */
  title: string
}

/**
 * Makes sure that the engine has the image that was chosen, as the sandbox needs it. What has to be fetched or built, the
 * person is asked about.
 *
 * Errors: `Failure` `image`, `denied`; an abort throws the signal's reason.
 */
export async function prepareImage(engine: Engine, choice: ImageChoice, options: ImageOptions): Promise<PreparedImage> {
  if (choice.kind === 'own') return prepareOwn(engine, choice, options)
  if (choice.kind === 'named') return prepareForeign(engine, { image: choice.name, title: choice.name }, options)
  const image = projectTag(options.project, choice.devcontainer)
  if (!(await engine.hasImage(image))) await buildAfterYes(engine, choice, options)
  return prepareForeign(engine, { image, title: choice.devcontainer.path }, options)
}

async function prepareOwn(
  engine: Engine,
  { recipe, found, why }: ImageChoice & { kind: 'own' },
  options: ImageOptions,
): Promise<PreparedImage> {
  const tag = await imageTag(options.imagesDir, recipe)
  if (!(await engine.hasImage(tag))) {
    await mayBuild(options, {
      title: 'Build the sandbox image?',
      body: [
        `${tag} (${why}): ${contents(recipe)}, about ${megabytes(recipe)} MB in all.`,
        'Built once by your container engine from debian:bookworm-slim, in a minute or two.',
        `It reaches the Debian packages${usesNpm(recipe) ? ' and the npm registry' : ''}; later sessions do not.`,
      ],
    })
    await buildImage(engine, recipe, building(options))
  }
  const { Config } = await engine.docker.getImage(tag).inspect()
  const lacks = unmet(found, readStamp(Config.Labels)?.versions ?? {})
  for (const sentence of lacks) options.onStatus('starting', sentence)
  return { image: tag, title: [imageName(recipe), ...lacks.map((one) => one.replace(/\.$/, ''))].join('; ') }
}

/** An image of somebody else's: fetched where it is missing, fitted where it lacks what the sandbox needs. */
async function prepareForeign(
  engine: Engine,
  { image, title }: PreparedImage,
  options: ImageOptions,
): Promise<PreparedImage> {
  const { imagesDir: dir, onStatus, onProblem } = options
  const fetched = !(await engine.hasImage(image))
  if (fetched) await fetchAfterYes(engine, image, options)
  const tag = await fittedTag(engine, image, dir)
  if (await engine.hasImage(tag)) return { image: tag, title }
  onStatus('starting', `looking what is in ${title}`)
  const found = await adopt(engine, { image, tag }, building(options))
  if (found.lacks.length === 0) return { image: tag, title }
  if (fetched || (await mayFit(title, found, options))) {
    const { lacks } = await fit(engine, { image, tag }, building(options))
    if (lacks.length > 0) throw new Failure('image', `The image ${title} still lacks ${lacks.join(', ')}.`)
    return { image: tag, title }
  }
  if (!usable(found)) throw denied()
  for (const need of found.lacks) onProblem(new Failure('image', `The image ${title} has no ${need}: ${needs[need]}.`))
  return { image, title }
}

async function fetchAfterYes(engine: Engine, image: string, options: ImageOptions): Promise<void> {
  await mayBuild(options, {
    title: `Fetch the image ${image}?`,
    body: [
      'Your container engine does not have it, and gets it from its registry.',
      `What the sandbox needs of an image and this one lacks (${Object.keys(needs).join(', ')}) is added to a copy of it, by its own apt-get or apk.`,
    ],
  })
  const refusal = await pull(engine, { name: image, onProgress: building(options).onProgress, signal: options.signal })
  if (refusal !== undefined)
    throw new Failure(
      'image',
      `The engine could not fetch the image ${image} (${refusal}): pull or build it yourself, or set sandbox.image to "auto".`,
    )
}

async function mayFit(title: string, { lacks }: Probe, { ask, onStatus, signal }: ImageOptions): Promise<boolean> {
  const without = lacks.map((need: Need) => `without ${need}, ${needs[need]}`)
  onStatus('starting', `${title} lacks ${lacks.join(', ')}: waiting for your yes`)
  const answer = await ask(
    {
      kind: 'image',
      title: `Add to the image ${title} what the sandbox needs?`,
      body: [
        `It lacks ${lacks.join(', ')}: ${without.join('; ')}.`,
        'It is added to a copy of the image, by its own apt-get or apk, which reach the packages that it is set to.',
      ],
      choices: [
        { key: 'y', answer: 'once', label: 'add it' },
        { key: 'n', answer: 'no', label: 'use it as it is' },
      ],
    },
    signal,
  )
  return answer !== 'no'
}

async function buildAfterYes(
  engine: Engine,
  { devcontainer }: ImageChoice & { kind: 'built' },
  options: ImageOptions,
): Promise<void> {
  const { source, path } = devcontainer
  if (!('dockerfile' in source)) return
  await mayBuild(options, {
    title: `Build the image of ${path}?`,
    body: [
      `From ${source.dockerfile}, with ${source.context === '.' ? 'the project' : `the folder ${source.context}`} as its context, secrets and .git left out.`,
      'Your container engine runs the steps of that file outside of the sandbox: in containers of its own, with network.',
    ],
  })
  await buildProject(engine, devcontainer, options)
}

/** Builds the image of the project's devcontainer.json, whether it is there or not; the engine knows what has changed. */
export async function buildProject(
  engine: Engine,
  devcontainer: (ImageChoice & { kind: 'built' })['devcontainer'],
  options: Pick<ImageOptions, 'project' | 'hide' | 'onStatus' | 'signal' | 'imagesDir'>,
): Promise<string> {
  const { source } = devcontainer
  const { project, hide, signal } = options
  const { onProgress } = building(options)
  const context = 'context' in source ? source.context : '.'
  return buildProjectImage(engine, {
    project,
    devcontainer,
    addContext: (tar) => addContext(tar, { project, context, hide, signal }),
    onProgress,
    signal,
  })
}

async function mayBuild(
  { ask, onStatus, signal }: ImageOptions,
  question: Pick<Question, 'title' | 'body'>,
): Promise<void> {
  onStatus('starting', 'the sandbox image is not there yet: waiting for your yes')
  const choices: Question['choices'] = [
    { key: 'y', answer: 'once', label: 'yes' },
    { key: 'n', answer: 'no', label: 'not now' },
  ]
  if ((await ask({ kind: 'image', ...question, choices }, signal)) === 'no') throw denied()
}

function denied(): Failure {
  return new Failure(
    'denied',
    'Without its image the sandbox cannot start, and nothing runs outside of it. Send the prompt again to be asked again.',
  )
}

function building({
  imagesDir,
  onStatus,
  signal,
}: Pick<ImageOptions, 'imagesDir' | 'onStatus' | 'signal'>): BuildOptions {
  return { dir: imagesDir, signal, onProgress: (line) => onStatus('building', line) }
}

function usesNpm({ toolchains }: Recipe): boolean {
  return toolchains.some(({ language }) => language === 'node')
}

function contents({ toolchains }: Recipe): string {
  const named = toolchains.map(({ language, range }) =>
    language === 'node' ? `Node ${range ?? usualNode}` : titles[language],
  )
  return ['Debian with git, ripgrep and python3', ...named].join(', ')
}

/** What the base and each toolchain take, measured and rounded up. */
function megabytes({ toolchains }: Recipe): number {
  const sizes = { python: 410, node: 140, go: 530, rust: 790 }
  return toolchains.reduce((sum, { language }) => sum + sizes[language], 320)
}
