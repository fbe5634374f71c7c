import { expect } from 'chai'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Place, makePlace, runAgent, treeOf } from '../support/agent.ts'
import { embeddedOrSkip } from '../support/sandbox.ts'

describe('without a container engine', function () {
  this.timeout(60_000)
  let place: Place

  beforeEach(async function () {
    await embeddedOrSkip(this)
    place = makePlace()
    place.env['DOCKER_HOST'] = `unix://${join(place.home, 'none.sock')}`
  })
  afterEach(() => place?.dispose())

  it('the demo does its whole job in the embedded sandbox, and apply writes it', async () => {
    const run = await runAgent(['demo', '--plain'], { cwd: place.home, env: place.env })
    expect(run, run.stderr).to.include({ code: 0 })
    expect(run.stderr).to.match(/● sandbox: embedded: .*shared kernel/)
    const project = join(place.home, 'drydock-demo')
    const source = join(project, 'src/parse.js')
    expect(readFileSync(source, 'utf8')).to.not.contain('RangeError(`no such day')
    const before = Object.keys(treeOf(project))
    const apply = await runAgent(['apply'], { cwd: project, env: place.env })
    expect(apply, apply.stderr).to.include({ code: 0 })
    expect(readFileSync(source, 'utf8')).to.contain('RangeError(`no such day')
    expect(Object.keys(treeOf(project))).to.deep.equal(before)
  })

  it('doctor says that it works, and what it promises less', async () => {
    place.env['OPENAI_API_KEY'] = 'key-of-a-spec'
    place.write('.config/drydock/config.toml', 'model = "openai/spec"\n')
    const project = place.project({ 'a.txt': 'a' })
    const doctor = await runAgent(['doctor'], { cwd: project, env: place.env })
    expect(doctor.stdout).to.match(/^● engine +none\n +→ The Docker engine at .*none.sock does not answer/m)
    expect(doctor.stdout).to.match(/^✓ embedded +works here; less than a container: /m)
    expect(doctor.code).to.equal(0)
    place.write('.config/drydock/config.toml', 'model = "openai/spec"\n[sandbox]\nrequire = "container"\n')
    const strict = await runAgent(['doctor'], { cwd: project, env: place.env })
    expect(strict.stdout).to.match(/^✗ engine +none$/m)
    expect(strict.code).to.equal(1)
  })
})
