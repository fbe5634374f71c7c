import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'

const ordinary = { uid: 1000, gid: 1000 }
const root = new URL('../..', import.meta.url).pathname
const specs = ['embedded', 'walls', 'files', 'run', 'shell'].map((name) => `spec/sandbox/${name}.spec.ts`)

describe('sandbox embedded, started by an ordinary user', function () {
  this.timeout(180_000)

  it('holds whatever it holds for root', async function () {
    // Who is no root has run them as an ordinary user already.
    if (process.getuid!() !== 0 || spawnSync('test', ['-r', join(root, 'package.json')], ordinary).status !== 0)
      this.skip()
    const home = mkdtempSync(join(tmpdir(), 'drydock-spec-'))
    chownSync(home, ordinary.uid, ordinary.gid)
    try {
      const mocha = join(root, 'node_modules', 'mocha', 'bin', 'mocha.js')
      const child = spawn(process.execPath, [mocha, '--grep', 'sandbox embedded', ...specs], {
        ...ordinary,
        cwd: root,
        env: { PATH: process.env['PATH'], HOME: home, TMPDIR: home },
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      let said = ''
      for (const stream of [child.stdout, child.stderr])
        stream.setEncoding('utf8').on('data', (text) => void (said += text))
      const [code] = (await once(child, 'close')) as [number]
      expect(code, said).to.equal(0)
      const passing = Number(/(\d+) passing/.exec(said)?.[1])
      // None: this machine gives no namespaces to ordinary users.
      if (passing === 0) this.skip()
      expect(passing, said).to.be.greaterThan(50)
    } finally {
      rmSync(home, { recursive: true, force: true })
    }
  })
})
