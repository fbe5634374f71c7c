import { chownSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { mayRead, runSpecsAs } from '../support/ordinary.ts'
import { type PodmanUser, podmanUserOrSkip } from '../support/podman.ts'

const ordinary = { uid: 1000, gid: 1000 }
const attacks = ['kernel', 'host', 'machine', 'tools', 'secrets', 'closed'].map((name) => `attacks/${name}`)
const embedded = [
  ...['embedded', 'walls', 'files', 'run', 'shell', 'limits', 'packages', 'knocks'].map((name) => `sandbox/${name}`),
  ...attacks,
].map((name) => `spec/${name}.spec.ts`)
const podman = [
  ...[
    'container',
    'walls',
    'files',
    'run',
    'stream',
    'shell',
    'network',
    'knocks',
    'packages',
    'lifetime',
    'podman-service',
  ].map((name) => `sandbox/${name}`),
  ...attacks,
  'workspace/engine',
  'workspace/masks',
  'workspace/live-sandbox',
  'workspace/git/own',
  'cli/podman',
].map((name) => `spec/${name}.spec.ts`)

describe('sandbox embedded, started by an ordinary user', function () {
  this.timeout(180_000)

  it('holds whatever it holds for root', async function () {
    // Who is no root has run them as an ordinary user already.
    if (process.getuid!() !== 0 || !mayRead(ordinary)) this.skip()
    const home = mkdtempSync(join(tmpdir(), 'drydock-spec-'))
    chownSync(home, ordinary.uid, ordinary.gid)
    try {
      const words = ['--grep', 'sandbox embedded', ...embedded]
      const { code, passing, said } = await runSpecsAs({ ...ordinary, home }, words)
      expect(code, said).to.equal(0)
      // None: this machine gives no namespaces to ordinary users.
      if (passing === 0) this.skip()
      expect(passing, said).to.be.greaterThan(50)
    } finally {
      rmSync(home, { recursive: true, force: true })
    }
  })
})

describe("sandbox container, in an ordinary user's podman", function () {
  this.timeout(300_000)
  let user: PodmanUser

  before(async function () {
    user = await podmanUserOrSkip(this)
  })
  after(() => user?.dispose())

  it("holds whatever it holds in root's docker", async () => {
    const { code, passing, said } = await runSpecsAs(user, ['--grep', 'embedded', '--invert', ...podman])
    expect(code, said).to.equal(0)
    expect(passing, said).to.be.greaterThan(150)
  })
})
