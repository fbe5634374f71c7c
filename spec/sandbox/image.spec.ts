import { expect } from 'chai'
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { pack } from 'tar-stream'
import { Failure } from '../../lib/core/failure.ts'
import { build } from '../../lib/sandbox/build.ts'
import { adopt, fit, fittedTag, usable } from '../../lib/sandbox/foreign-image.ts'
import { removeImage, storedImages } from '../../lib/sandbox/image-store.ts'
import { buildImage } from '../../lib/sandbox/image.ts'
import { pull } from '../../lib/sandbox/pull.ts'
import { imageTag, recipeOf } from '../../lib/sandbox/recipe.ts'
import { readStamp, stampImage } from '../../lib/sandbox/stamp.ts'
import { startRegistry } from '../support/registry.ts'
import { type EngineAndImage, engineOrSkip, imagesDir, specImage, startSandbox } from '../support/sandbox.ts'

const signal = AbortSignal.timeout(600_000)
const options = { dir: imagesDir, onProgress: () => undefined, signal }

describe('images in the engine', function () {
  this.timeout(120_000)
  let ready: EngineAndImage
  let base: string
  const made: string[] = []

  before(async function () {
    ready = await engineOrSkip(this)
    base = await imageTag(imagesDir, recipeOf('base'))
  })
  after(async () => {
    for (const tag of made.toReversed()) await removeImage(ready.engine, tag).catch(() => undefined)
    // What a build leaves that failed half-way.
    await ready?.engine.docker.pruneImages({
      filters: { dangling: ['true'], label: [`drydock.spec=${process.pid}`] },
    })
  })

  /** An image of this run's own, so that nothing else has it. */
  async function make(name: string, dockerfile: string): Promise<string> {
    const tag = `drydock-spec-${name}:${process.pid}`
    const context = pack()
    context.entry({ name: 'Dockerfile' }, `${dockerfile}\nLABEL drydock.spec=${process.pid}\n`)
    context.finalize()
    made.push(tag)
    await build(ready.engine, { tag, context, offline: true, onProgress: () => undefined, signal })
    return tag
  }

  async function stampOf(tag: string) {
    return readStamp((await ready.engine.docker.getImage(tag).inspect()).Config.Labels)
  }

  it('are ours by what they say of themselves, and small', async () => {
    const { engine, image } = ready
    const node = (await stampOf(image))!
    expect(node).to.deep.include({ tag: image, origin: { toolchains: specImage.toolchains } })
    expect(Object.keys(node.versions)).to.deep.equal(['node', 'npm', 'python'])
    expect(node.versions['node']).to.match(/^22\./)
    expect(await stampOf(base)).to.deep.include({ tag: base, origin: { toolchains: [] } })
    const megabytes = async (tag: string) => (await engine.docker.getImage(tag).inspect()).Size / 1e6
    expect(await megabytes(base), 'MB of the base').to.be.lessThan(350)
    expect((await megabytes(image)) - (await megabytes(base)), 'MB of Node').to.be.lessThan(200)
  })

  it('are not built on when that is cancelled, and leave no name', async () => {
    const { engine } = ready
    const dir = await mkdtemp(join(tmpdir(), 'drydock-spec-'))
    try {
      for (const name of ['base', 'python'])
        await copyFile(join(imagesDir, `${name}.Dockerfile`), join(dir, `${name}.Dockerfile`))
      await writeFile(
        join(dir, 'python.Dockerfile'),
        `ARG BASE\nFROM \${BASE}\nRUN echo ${process.pid} && sleep 1000\n`,
      )
      const cancel = new AbortController()
      const reason = new Error('cancelled by the spec')
      const onProgress = (line: string) => {
        if (line.includes('sleep 1000')) cancel.abort(reason)
      }
      const building = buildImage(engine, recipeOf('python'), { dir, onProgress, signal: cancel.signal })
      expect(await building.catch((thrown: unknown) => thrown)).to.equal(reason)
      expect(await engine.hasImage(await imageTag(dir, recipeOf('python')))).to.equal(false)
    } finally {
      await rm(dir, { recursive: true })
    }
  })

  it('of others that lack nothing get a name of ours, and stay as they are', async () => {
    const { engine } = ready
    const image = await make('whole', `FROM ${base}`)
    const tag = await fittedTag(engine, image, imagesDir)
    made.push(tag)
    const { lacks, versions } = await adopt(engine, { image, tag }, options)
    expect([lacks, Object.keys(versions)]).to.deep.equal([[], ['python']])
    expect(await stampOf(tag)).to.deep.equal({ tag, origin: { image }, versions })
    const layers = async (name: string) => (await engine.docker.getImage(name).inspect()).RootFS.Layers
    expect(await layers(tag)).to.deep.equal(await layers(image))
  })

  it('of others that lack something are fitted by their own package manager, and a sandbox is in them', async () => {
    const { engine } = ready
    const away = '/usr/bin/find /usr/bin/dd /usr/bin/git /usr/bin/rg /usr/bin/socat /etc/ssl/certs/ca-certificates.crt'
    const apk = String.raw`#!/bin/sh\n[ "$1" = add ] && mv /held/ca-certificates.crt /etc/ssl/certs/ && mv /held/* /usr/bin/\n`
    const image = await make(
      'bare',
      `FROM ${base}
RUN mkdir /held && printf '${apk}' >/sbin/apk && chmod +x /sbin/apk && rm /usr/bin/apt-get && mv ${away} /bin/bash /held/`,
    )
    const tag = await fittedTag(engine, image, imagesDir)
    made.push(tag)
    const bare = await adopt(engine, { image, tag }, options)
    expect(bare.lacks).to.deep.equal(['bash', 'coreutils', 'findutils', 'git', 'ripgrep', 'socat', 'certificates'])
    expect([usable(bare), await engine.hasImage(tag)]).to.deep.equal([false, false])
    expect((await fit(engine, { image, tag }, options)).lacks).to.deep.equal([])
    expect(await stampOf(tag)).to.deep.include({ tag, origin: { image } })
    const { sandbox, project, sh, stop } = await startSandbox({ engine, image: tag })
    try {
      await sandbox.files.write(`${project}/a.txt`, Buffer.from('a'))
      expect((await sh('cat a.txt && git init -q && git status --short')).stdout).to.equal('a?? a.txt\n')
    } finally {
      await stop()
    }
  })

  it('in which nothing can run, or which have no package manager, are refused with a sentence', async () => {
    const { engine } = ready
    const empty = await make('empty', 'FROM scratch\nADD Dockerfile /')
    const failed = await adopt(engine, { image: empty, tag: 'drydock-fitted:none' }, options).catch(
      (error: unknown) => error,
    )
    expect(failed instanceof Failure && [failed.code, failed.message.split(':')[0]]).to.deep.equal([
      'image',
      `Nothing can run in the image drydock-spec-empty`,
    ])
    const sealed = await make('sealed', `FROM ${base}\nRUN rm /usr/bin/apt-get /usr/bin/git`)
    const unfitted = await fit(engine, { image: sealed, tag: 'drydock-fitted:none' }, options).catch(
      (error: unknown) => error,
    )
    expect(unfitted instanceof Failure && unfitted.code).to.equal('image')
  })

  it('of others are fetched from their registry; one that is not there is a reason', async function () {
    if ((await ready.engine.describe()).name !== 'Docker') this.skip() // only Docker takes loopback without TLS as it is
    const registry = await startRegistry()
    made.push(registry.image)
    try {
      expect(await pull(ready.engine, { ...options, name: registry.image })).to.equal(undefined)
      expect(await ready.engine.hasImage(registry.image)).to.equal(true)
      expect(await pull(ready.engine, { ...options, name: registry.image.replace(':1', ':2') })).to.be.a('string')
    } finally {
      await registry.close()
    }
  })

  it('are listed by name, in use or not, of use or not, and removed where nothing holds them', async () => {
    const { engine } = ready
    const project = await mkdtemp(join(tmpdir(), 'drydock-spec-'))
    const tags = [1, 2].map((number) => `drydock-project:spec-${process.pid}-${number}`)
    made.push(...tags)
    for (const tag of tags) {
      await stampImage(engine, { from: base, tag, origin: { project }, versions: { spec: tag } }, options)
      // The engine tells of whole seconds which image is newer.
      const second = Math.floor(Date.now() / 1000)
      while (Math.floor(Date.now() / 1000) === second) await delay(50)
    }
    // What others build on one of ours has its label, and is none of ours.
    await make('child', `FROM ${tags[0]}`)
    const mine = async () =>
      (await storedImages(engine, imagesDir))
        .filter(({ tag }) => [base, ...tags].includes(tag) || tag.includes('child'))
        .map(({ tag, current, used }) => ({ tag, current, used: tag === base || used }))
    const rows = (used: boolean, newest = true) => [
      { tag: base, current: true, used: true },
      { tag: tags[0], current: false, used },
      { tag: tags[1], current: newest, used: false },
    ]
    expect(await mine()).to.deep.equal(rows(false))
    const container = await engine.docker.createContainer({ Image: tags[0], Labels: { 'drydock.spec': 'image' } })
    try {
      expect(await mine()).to.deep.equal(rows(true))
      const failed = await removeImage(engine, tags[0]!).catch((error: unknown) => error)
      expect(failed instanceof Failure && failed.code).to.equal('busy')
    } finally {
      await container.remove()
    }
    await rm(project, { recursive: true })
    expect(await mine()).to.deep.equal(rows(false, false))
    for (const tag of tags) await removeImage(engine, tag)
    expect(await mine()).to.deep.equal(rows(false).slice(0, 1))
    await removeImage(engine, tags[0]!) // gone already: that is no failure
  })
})
