import { expect } from 'chai'
import { parseArguments } from '../../lib/cli/args.ts'
import { Failure } from '../../lib/core/failure.ts'

const parse = (...argv: string[]) => parseArguments(argv, '1.2.3')

describe('a command line', () => {
  for (const [argv, call] of [
    [[], {}],
    [['.'], { dir: '.' }],
    [['--model', 'a/b'], { model: 'a/b' }],
    [['src', '--model', 'a/b', '--backend', 'local'], { dir: 'src', model: 'a/b', backend: 'local' }],
    [['--backend', 'embedded', 'src'], { dir: 'src', backend: 'embedded' }],
  ] as const)
    it(`opens the screen without yargs: agent ${argv.join(' ')}`, async () => {
      expect(await parse(...argv)).to.deep.equal({ name: 'screen', ...call })
    })

  it('means the same to yargs, which reads what is written in another way', async () => {
    const call = { name: 'screen', dir: 'src', model: 'a/b', backend: 'local' }
    expect(await parse('src', '--model=a/b', '--backend=local')).to.include(call)
  })

  for (const [argv, said] of [
    [['--model'], /model/],
    [['--model', 'a/b', '--model', 'c/d'], /--model is given twice/],
    [['--modle', 'a/b'], /modle\. See `agent --help`/],
    [['run', '--modle', 'a/b', 'x'], /modle\. See `agent run --help`/],
    [['discard', '--restore'], /restore\. See `agent discard --help`/],
    [['rum', 'a prompt'], /There is no command and no folder rum; did you mean `agent run`/],
    [['/one', '/two'], /two/],
  ] as const)
    it(`says what is wrong with: agent ${argv.join(' ')}`, async () => {
      const error = await parse(...argv).then(
        () => undefined,
        (thrown: unknown) => thrown,
      )
      expect(error).to.be.instanceOf(Failure)
      expect((error as Failure).code).to.equal('usage')
      expect((error as Failure).message).to.match(said)
    })
})
