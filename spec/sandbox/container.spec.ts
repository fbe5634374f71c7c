import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import { startContainer } from '../../lib/sandbox/container.ts'
import type { Engine } from '../../lib/sandbox/engine.ts'
import {
  type EngineAndImage,
  type Started,
  engineOrSkip,
  failureCode,
  limits,
  makeGrounds,
  people,
  startSandbox,
} from '../support/sandbox.ts'

const me = { uid: process.getuid!(), gid: process.getgid!() }

describe('sandbox container', function () {
  this.timeout(60_000)
  let ready: EngineAndImage

  before(async function () {
    ready = await engineOrSkip(this)
  })

  for (const { who, user } of people) {
    describe(`working as ${who}`, () => {
      let box: Started

      before(async () => {
        box = await startSandbox(ready, { user, env: { GREETING: 'hello' } })
        await writeFile(join(box.project, 'given.txt'), 'from the project')
      })
      after(() => box?.stop())

      const output = async (command: string) => {
        const { stdout, stderr } = await box.sh(command)
        return (stdout + stderr).trim()
      }

      it('has no capability, and none to gain', async () => {
        const seen = await output("grep -E '^(Cap...|NoNewPrivs|Seccomp):' /proc/self/status | tr -d '\\t'")
        expect(seen.split('\n')).to.deep.equal([
          'CapInh:0000000000000000',
          'CapPrm:0000000000000000',
          'CapEff:0000000000000000',
          'CapBnd:0000000000000000',
          'CapAmb:0000000000000000',
          'NoNewPrivs:1',
          'Seccomp:2',
        ])
      })

      it('passes in only the variables it was given', async () => {
        const names = (await output('env | cut -d= -f1 | sort')).split('\n')
        const { name } = await ready.engine.describe()
        expect(names).to.deep.equal(
          [
            ...(name === 'Podman' ? ['TERM', 'container'] : []), // its own
            'DRYDOCK_TAG',
            'GIT_PAGER',
            'GIT_TERMINAL_PROMPT',
            'GREETING',
            'HOME',
            'HOSTNAME',
            'LANG',
            'PAGER',
            'PATH',
            'PWD',
            'SHLVL',
            'TAR_OPTIONS',
            '_',
          ].toSorted(),
        )
      })

      it('has the tools that ordinary work needs', async () => {
        expect(await output('node --version')).to.match(/^v22\./)
        expect(await output('npm --version')).to.match(/^10\./)
        const { exit } = await box.sh('command -v rg python3 socat less ps git bash && tar -c made | tar -x -C /tmp')
        expect(exit.code).to.equal(0)
      })

      it('keeps its watchdog out of reach', async () => {
        const seen = await output("ps -o user=,comm= -p 1,$(pgrep -x cat) | awk '{print $1, $2}'")
        const watchdog = box.inside.uid === 0 ? 'nobody' : 'root'
        expect(seen.split('\n')).to.deep.equal([`${watchdog} bash`, `${watchdog} cat`])
        expect(await output('kill -KILL $(pgrep -x cat); kill -STOP 1; echo $?')).to.match(/not permitted/)
      })
    })
  }

  it('takes paths that hold the characters of mount options', async () => {
    const box = await startSandbox(ready, {})
    try {
      const [lower, upper, work] = ['a:b', 'c,d', 'e\\f'].map((name) => join(box.folder, name)) as [
        string,
        string,
        string,
      ]
      for (const path of [lower, upper, work]) await mkdir(path)
      await writeFile(join(lower, 'file'), 'below')
      const odd = await startContainer(ready.engine, {
        image: ready.image,
        session: 'spec',
        project: lower,
        mount: { kind: 'overlay', lower, upper, work },
        user: me,
        home: box.home,
        runtimeDir: join(box.folder, 'r:un'),
        limits,
        env: {},
      })
      expect((await odd.files.read(join(lower, 'file'))).toString()).to.equal('below')
      await odd.dispose()
    } finally {
      await box.stop()
    }
  })

  it('works on a bound folder as well', async () => {
    const box = await startSandbox(ready, {})
    const source = join(box.folder, 'upper')
    const bound = await startContainer(ready.engine, {
      image: ready.image,
      session: 'spec',
      project: box.project,
      mount: { kind: 'bind', source },
      user: me,
      home: box.home,
      runtimeDir: box.runtimeDir,
      limits,
      env: {},
    })
    await bound.files.write(join(box.project, 'file'), Buffer.from('bound'))
    expect(await readFile(join(source, 'file'), 'utf8')).to.equal('bound')
    await bound.dispose()
    await box.stop()
  })

  it('tries no overlay in an engine that is not on this machine itself: the workspace is a copy there', async () => {
    const facts = { ...(await ready.engine.describe()), here: false }
    const elsewhere = { describe: async () => facts } as Engine
    const grounds = await makeGrounds(me)
    const mount = { kind: 'overlay' as const, lower: grounds.project, upper: grounds.folder, work: grounds.folder }
    const options = { ...grounds, image: ready.image, session: 'spec', mount, user: me, limits, env: {} }
    expect(await failureCode(startContainer(elsewhere, options))).to.equal('sandbox')
    await rm(grounds.folder, { recursive: true })
  })

  it('refuses an overlay that cannot be mounted, and an image that is not there, leaving nothing', async () => {
    const box = await startSandbox(ready, {})
    const options = {
      image: ready.image,
      session: 'spec-refused',
      project: box.project,
      mount: { kind: 'overlay' as const, lower: box.project, upper: '/proc/nothing', work: '/proc/nothing' },
      user: me,
      home: box.home,
      runtimeDir: box.runtimeDir,
      limits,
      env: {},
    }
    try {
      expect(await failureCode(startContainer(ready.engine, options))).to.equal('sandbox')
      expect(await failureCode(startContainer(ready.engine, { ...options, image: 'drydock-nothing:0' }))).to.equal(
        'image',
      )
      const filters = { label: ['drydock.session=spec-refused'] }
      expect(await ready.engine.docker.listContainers({ all: true, filters })).to.deep.equal([])
      expect((await ready.engine.docker.listVolumes({ filters })).Volumes).to.deep.equal([])
    } finally {
      await box.stop()
    }
  })
})
