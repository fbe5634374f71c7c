import { createHash } from 'node:crypto'
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { Failure } from '../../lib/core/failure.ts'
import { findEngine } from '../../lib/sandbox/find-engine.ts'

async function failure(promise: Promise<unknown>): Promise<Failure> {
  try {
    await promise
  } catch (error) {
    if (error instanceof Failure) return error
    throw error
  }
  throw new Error('It did not fail.')
}

/** Something that answers a ping as an engine does. */
async function listen(path: string): Promise<{ dispose(): Promise<unknown> }> {
  await mkdir(join(path, '..'), { recursive: true })
  const server = createServer((_, answer) => answer.end('OK'))
  await new Promise<void>((resolve) => server.listen(path, resolve))
  return { dispose: () => new Promise((resolve) => server.close(resolve)) }
}

describe('finding an engine', () => {
  let folder: string

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'drydock-spec-'))
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  it('takes the one it is given', async () => {
    const server = await listen(join(folder, 'engine.sock'))
    const engine = await findEngine({ host: `unix://${folder}/engine.sock`, home: folder })
    expect([engine.host, engine.local]).to.deep.equal([`unix://${folder}/engine.sock`, true])
    await server.dispose()
  })

  it('takes the one of the current docker context', async () => {
    const server = await listen(join(folder, 'context.sock'))
    const hash = createHash('sha256').update('mine').digest('hex')
    const meta = join(folder, '.docker', 'contexts', 'meta', hash)
    await mkdir(meta, { recursive: true })
    await writeFile(join(folder, '.docker', 'config.json'), JSON.stringify({ currentContext: 'mine' }))
    const endpoints = { docker: { Host: `unix://${folder}/context.sock` } }
    await writeFile(join(meta, 'meta.json'), JSON.stringify({ Name: 'mine', Endpoints: endpoints }))
    expect((await findEngine({ home: folder })).host).to.equal(`unix://${folder}/context.sock`)
    await server.dispose()
  })

  it("takes podman's variable after Docker's, and tells why it took what it took", async () => {
    const servers = await Promise.all(['one.sock', 'two.sock'].map((name) => listen(join(folder, name))))
    const [host, containerHost] = [`unix://${folder}/one.sock`, `unix://${folder}/two.sock`]
    const found = await Promise.all([
      findEngine({ host, containerHost, home: folder }),
      findEngine({ containerHost, home: folder }),
    ])
    expect(found.map((engine) => [engine.host, engine.origin])).to.deep.equal([
      [host, 'DOCKER_HOST'],
      [containerHost, 'CONTAINER_HOST'],
    ])
    for (const server of servers) await server.dispose()
    const { message } = await failure(findEngine({ containerHost: 'ssh://core@localhost', home: folder }))
    expect(message).to.contain('Change CONTAINER_HOST.')
    const gone = await failure(findEngine({ containerHost: `unix://${folder}/podman.sock`, home: folder }))
    expect(gone.message).to.equal(
      `The Podman engine at ${folder}/podman.sock does not answer: start it (systemctl --user start podman.socket).`,
    )
  })

  it('says what to start where the given one does not answer', async () => {
    const { code, message } = await failure(findEngine({ host: `unix://${folder}/none.sock`, home: folder }))
    expect(code).to.equal('engine')
    expect(message).to.equal(
      `The Docker engine at ${folder}/none.sock does not answer: start it (sudo systemctl start docker).`,
    )
  })

  it('names the addresses it can use', async () => {
    for (const host of ['ssh://there', 'nonsense', 'npipe:////./pipe/docker_engine']) {
      const { code, message } = await failure(findEngine({ host, home: folder }))
      expect(code).to.equal('engine')
      expect(message).to.contain(host).and.to.contain('unix:///path/to/docker.sock')
    }
  })

  it('names the docker group where the socket may not be used', async function () {
    if (process.getuid!() !== 0) this.skip()
    const path = join(folder, 'engine.sock')
    const server = await listen(path)
    await chmod(folder, 0o755)
    await chmod(path, 0o600)
    process.seteuid!(65534)
    try {
      const { code, message } = await failure(findEngine({ host: `unix://${path}`, home: folder }))
      expect(code).to.equal('engine')
      expect(message).to.contain('docker group')
    } finally {
      process.seteuid!(0)
      await server.dispose()
    }
  })
})
