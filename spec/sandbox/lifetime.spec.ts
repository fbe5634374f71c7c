import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { expect } from 'chai'
import type Docker from 'dockerode'
import type { Engine } from '../../lib/sandbox/engine.ts'
import { sweep } from '../../lib/sandbox/removal.ts'
import { isOrphan, ownerLabels, thisProcess } from '../../lib/sandbox/owner.ts'
import { type EngineAndImage, engineOrSkip, failureCode, people, startSandbox } from '../support/sandbox.ts'

/** A process that is no more. */
async function deadProcess(): Promise<number> {
  const child = spawn('true')
  await once(child, 'exit')
  return child.pid!
}

describe('sandbox lifetime', function () {
  this.timeout(60_000)
  let ready: EngineAndImage

  before(async function () {
    ready = await engineOrSkip(this)
  })

  const containers = async (label: string) =>
    (await ready.engine.docker.listContainers({ all: true, filters: { label: [label] } })).map(({ Id }) => Id)

  for (const { who, user } of people) {
    it(`ends within two seconds of its owner's SIGKILL, whatever runs inside as ${who}`, async () => {
      const program = new URL('../support/sandbox-owner.ts', import.meta.url).pathname
      const owner = spawn(process.execPath, ['--import', 'tsx', program, String(user.uid)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      const [said] = (await once(owner.stdout, 'data')) as [Buffer]
      const label = `drydock.pid=${owner.pid}`
      expect(await containers(label)).to.have.length(1)
      owner.kill('SIGKILL')
      const killed = performance.now()
      while ((await containers(label)).length > 0) {
        expect(performance.now() - killed, 'ms').to.be.lessThan(2000)
      }
      const volumes = await ready.engine.docker.listVolumes({ filters: { label: [label] } })
      expect(volumes.Volumes).to.deep.equal([])
      await rm(said.toString().trim(), { recursive: true, force: true })
    })
  }

  it('leaves nothing in the engine when it is disposed, and takes nothing more', async () => {
    const box = await startSandbox(ready, { session: 'spec-disposed' })
    await box.sandbox.shell()
    await box.stop()
    await box.sandbox.dispose()
    expect(await containers('drydock.session=spec-disposed')).to.deep.equal([])
    const filters = { label: ['drydock.session=spec-disposed'] }
    expect((await ready.engine.docker.listVolumes({ filters })).Volumes).to.deep.equal([])
    expect(await failureCode(box.sandbox.files.read('/etc/hostname'))).to.equal('sandbox')
    expect(await failureCode(box.sh('true'))).to.equal('sandbox')
    expect(await failureCode(box.sandbox.shell())).to.equal('sandbox')
  })

  it('tells once that it has gone by itself', async () => {
    const box = await startSandbox(ready, { session: 'spec-lost' })
    const heard: unknown[] = []
    const lost = new Promise<void>((resolve) => {
      box.sandbox.onLost((failure) => {
        heard.push(failure.code)
        resolve()
      })
    })
    const [id] = await containers('drydock.session=spec-lost')
    await ready.engine.docker.getContainer(id!).kill()
    await lost
    expect(await failureCode(box.sandbox.shell())).to.equal('sandbox')
    await box.stop()
    expect(heard).to.deep.equal(['sandbox'])
  })

  it('is swept up where its owner has gone before it was started, and only then', async () => {
    const here = await thisProcess()
    const create = (session: string, pid: number) =>
      ready.engine.docker.createContainer({
        Image: ready.image,
        Labels: ownerLabels(session, { ...here, pid }),
        HostConfig: { AutoRemove: true },
      })
    await create('spec-dead', await deadProcess())
    const mine = await create('spec-alive', process.pid)
    expect(await sweep(ready.engine)).to.be.greaterThan(0)
    expect(await containers('drydock.session=spec-dead')).to.deep.equal([])
    expect(await containers('drydock.session=spec-alive')).to.deep.equal([mine.id])
    await mine.remove()
  })

  it('leaves no volume that counted as in use while its container was just being removed', async () => {
    const { docker } = ready.engine
    // Alive for whoever else sweeps meanwhile, dead for this one.
    const Labels = ownerLabels('spec-volume', await thisProcess())
    const dead = ownerLabels('spec-volume', { ...(await thisProcess()), pid: await deadProcess() })
    const { name: Name } = (await docker.createVolume({ Labels })) as unknown as { name: string }
    const Mounts = [{ Type: 'volume' as const, Source: Name, Target: '/held' }]
    const holder = await docker.createContainer({ Image: ready.image, HostConfig: { Mounts } })
    let refused = 0
    const refusing = Object.create(docker, {
      listVolumes: { value: async () => ({ Volumes: [{ Name, Labels: dead }] }) },
      getVolume: {
        value: (name: string) => ({
          remove: async () => {
            try {
              await docker.getVolume(name).remove()
            } catch (error) {
              if (refused++ === 0) await holder.remove()
              throw error
            }
          },
        }),
      },
    }) as Docker
    await sweep({ docker: refusing, local: true } as Engine)
    const { Volumes } = await docker.listVolumes({ filters: { label: ['drydock.session=spec-volume'] } })
    expect(Volumes ?? []).to.deep.equal([])
    expect(refused).to.be.greaterThan(0)
  })
})

describe('sandbox owners', () => {
  it('count as gone only where that is known', async () => {
    const here = await thisProcess()
    const dead = await deadProcess()
    const orphan = (change: object, local = true) => isOrphan(ownerLabels('spec', { ...here, ...change }), local)
    const seen = {
      'this process': await orphan({}),
      'a dead one': await orphan({ pid: dead }),
      'a later one of the same number': await orphan({ start: '1' }),
      'one of another boot': await orphan({ boot: 'other' }),
      'one of another machine, perhaps': await orphan({ boot: 'other' }, false),
      'one in another namespace': await orphan({ pid: dead, namespace: 'pid:[1]' }),
      'no number': await orphan({ pid: Number.NaN }),
    }
    expect(seen).to.deep.equal({
      'this process': false,
      'a dead one': true,
      'a later one of the same number': true,
      'one of another boot': true,
      'one of another machine, perhaps': false,
      'one in another namespace': false,
      'no number': true,
    })
  })
})
