import { expect } from 'chai'
import { runSpecsAs } from '../support/ordinary.ts'
import { type RootPodman, rootPodmanOrSkip } from '../support/podman-root.ts'

const files = [
  ...['container', 'walls', 'files', 'run', 'stream', 'shell', 'limits', 'lifetime', 'network', 'packages'].map(
    (name) => `sandbox/${name}`,
  ),
  ...['kernel', 'host', 'machine', 'secrets'].map((name) => `attacks/${name}`),
  ...['engine', 'masks', 'live-sandbox'].map((name) => `workspace/${name}`),
  'story',
].map((name) => `spec/${name}.spec.ts`)

// An engine of few: everybody's run has docker, and an ordinary user's podman.
if (process.env['DRYDOCK_SOAK'] !== undefined)
  describe("sandbox container, in root's podman", function () {
    this.timeout(900_000)
    let podman: RootPodman

    before(async function () {
      podman = await rootPodmanOrSkip(this)
    })
    after(() => podman?.dispose())

    it("holds whatever it holds in root's docker", async () => {
      const root = { uid: 0, gid: 0, home: podman.home, env: { DOCKER_HOST: podman.host } }
      const { code, passing, said } = await runSpecsAs(root, ['--grep', 'embedded', '--invert', ...files])
      expect(code, said).to.equal(0)
      expect(passing, said).to.be.greaterThan(250)
    })
  })
