import { expect } from 'chai'
import { describe as told, Failure } from '../../lib/core/failure.ts'
import { place } from '../../lib/tools/paths.ts'
import { Bench } from './bench.ts'

describe('tools: paths', () => {
  const bench = new Bench()
  const { root, context } = bench
  after(() => bench.dispose())

  const taken: [string, string][] = [
    ['.', '.'],
    ['a/b', 'a/b'],
    ['./a//b/', 'a/b'],
    ['a/../b', 'b'],
    [`${root}/a`, 'a'],
    [root, '.'],
    ['..a', '..a'],
    ['-rf', '-rf'],
    ['new\nline', 'new\nline'],
    ['a\\b', 'a\\b'],
  ]
  for (const [argument, shown] of taken) {
    it(`takes ${JSON.stringify(argument.replace(root, 'ROOT'))}, to read and to write`, async () => {
      expect((await place(argument, context, 'read')).shown).to.equal(shown)
      expect((await place(argument, context, 'write')).shown).to.equal(shown)
    })
  }

  const readOnly: [string, string][] = [
    ['/tmp/drydock/output-1.txt', '/tmp/drydock/output-1.txt'],
    ['~/notes', `${bench.sandbox.home}/notes`],
    ['~', bench.sandbox.home],
    [`${bench.sandbox.home}/x`, `${bench.sandbox.home}/x`],
  ]
  for (const [argument, path] of readOnly) {
    it(`takes ${argument.replace(bench.sandbox.home, 'HOME')} to read but not to write`, async () => {
      expect(await place(argument, context, 'read')).to.deep.equal({ path, shown: path })
      expect(await refused(argument, 'write')).to.equal('unsafe')
    })
  }

  async function refused(argument: string, use: 'read' | 'write'): Promise<string> {
    return place(argument, context, use).then(
      () => 'taken',
      (error: unknown) => {
        expect(error).to.be.instanceOf(Failure)
        expect(told(error).message).to.have.length.within(20, 500)
        return told(error).code
      },
    )
  }

  const hostile = [
    '',
    'a\0b',
    '/etc/passwd',
    '/',
    `${root}/../../../etc`,
    '/tmp/../etc/passwd',
    `a/${'../'.repeat(50)}etc/passwd`,
    'x'.repeat(1_000_000),
  ]
  for (const argument of hostile) {
    it(`refuses ${JSON.stringify(argument.replace(root, 'ROOT').slice(0, 40))}`, async () => {
      expect(await refused(argument, 'write')).to.equal('unsafe')
      expect(await refused(argument, 'read')).to.equal('unsafe')
    })
  }

  it('takes a folder whose name begins like the workspace for another one', async () => {
    expect(await refused(`${root}x`, 'write')).to.equal('unsafe')
  })
})
