import { PassThrough, Readable } from 'node:stream'
import { expect } from 'chai'
import { Failure } from '../../lib/core/failure.ts'
import { Knocks } from '../../lib/sandbox/knocks.ts'
import { type Listening, Porter, listeningIn } from '../../lib/sandbox/porter.ts'
import type { Sandbox } from '../../lib/sandbox/sandbox.ts'

const told = (line: string) => listeningIn(line).map(({ host, port }) => `${host} ${port}`)

describe('what listens inside', () => {
  const rows: [what: string, line: string, expected: string[]][] = [
    ['nothing', '', []],
    ['on every address', ' 00000000:1F90', ['127.0.0.1 8080']],
    ['on loopback', ' 0100007F:0050', ['127.0.0.1 80']],
    ['on an address of its own', ' 0900007F:1F90', ['127.0.0.9 8080']],
    ['on every address of IPv6', ' 00000000000000000000000000000000:1F90', ['127.0.0.1 8080']],
    ['on loopback of IPv6', ' 00000000000000000000000001000000:1F90', ['0000:0000:0000:0000:0000:0000:0000:0001 8080']],
    ['on a mapped address', ' 0000000000000000FFFF00000100007F:1F90', ['127.0.0.1 8080']],
    [
      'on both, in order of the ports',
      ' 00000000000000000000000001000000:1F90 0100007F:1F90 0100007F:0016',
      ['127.0.0.1 22', '127.0.0.1 8080'],
    ],
  ]
  for (const [what, line, expected] of rows) it(`is told: ${what}`, () => expect(told(line)).to.deep.equal(expected))

  it('is nothing where the line was forged', () => {
    expect(told('../../etc 0100007F:00500 0100007F:0 G100007F:0050 0100007F:0000 ; touch /tmp/x')).to.deep.equal([])
  })
})

/** A sandbox of which only the porter's stream is there. */
function start(doors: [number, string][]) {
  const streams: PassThrough[] = []
  const argvs: string[][] = []
  const heard: Listening[][] = []
  const problems: Failure[] = []
  const stream = async (argv: string[]) => {
    argvs.push(argv)
    streams.push(new PassThrough())
    return streams.at(-1)!
  }
  const porter = new Porter({ stream } as unknown as Sandbox, {
    doors: new Map(doors),
    onListening: (all) => void heard.push(all),
    onProblem: (failure) => void problems.push(failure),
  })
  return { porter, started: porter.start(), streams, argvs, heard, problems }
}

describe('the porter', () => {
  it('is not flooded by whoever speaks in its place', async () => {
    const { porter, started, streams, heard, problems } = start([])
    await new Promise(setImmediate)
    const flood = ['!', ' 0100007F:1F90', ' 0100007F:1F91', '!'].join('\n')
    for (let round = 0; round < 1000; round++) streams[0]!.write(`${flood}\n`)
    streams[0]!.write(' 0100007F:0050\n')
    await started
    while (heard.at(-1)?.[0]?.port !== 80) await new Promise((resolve) => setTimeout(resolve, 10))
    expect(heard.length).to.be.lessThan(10)
    expect(problems.length).to.equal(1)
    porter.dispose()
  })

  it('lets whoever speaks without end wait', async () => {
    let said = 0
    const flood = new Readable({
      read() {
        said += 1
        this.push(Buffer.alloc(65_536, '+ 3128 1\n'))
      },
    })
    let knocks = 0
    const porter = new Porter({ stream: async () => flood } as unknown as Sandbox, {
      doors: new Map([[3128, '-']]),
      onKnock: () => void (knocks += 1),
      onListening: () => {},
      onProblem: () => {},
    })
    void porter.start()
    await new Promise((resolve) => setTimeout(resolve, 450))
    expect([said > 2, said < 30, knocks > 0]).to.deep.equal([true, true, true])
    porter.dispose()
  })

  it('is ready once its doors are open, and does not tell of them', async () => {
    const { porter, started, streams, argvs, heard } = start([[3128, '/run/drydock/proxy']])
    await new Promise(setImmediate)
    expect(argvs[0]!.slice(-3)).to.deep.equal(['porter', '3128', '/run/drydock/proxy'])
    streams[0]!.write(' 0100007F:1F90\n 0100007F:1F90 0100')
    streams[0]!.write('007F:0C38\n')
    await started
    expect(heard).to.deep.equal([[{ port: 8080, host: '127.0.0.1' }], [{ port: 8080, host: '127.0.0.1' }]])
    porter.dispose()
  })

  it('says what is missing, and is ready all the same', async () => {
    const { porter, started, streams, problems } = start([[3128, '/run/drydock/proxy']])
    await new Promise(setImmediate)
    streams[0]!.write('!\n')
    await started
    expect(problems.map(({ message }) => message)).to.deep.equal([
      'Nothing in the sandbox can reach the network or a service of this machine: there is no socat in it.',
    ])
    porter.dispose()
  })

  it('keeps no more of an endless line than it believes', async () => {
    const { porter, started, streams, heard } = start([])
    await new Promise(setImmediate)
    for (let i = 0; i < 10; i++) streams[0]!.write('x'.repeat(10_000))
    streams[0]!.write('\n\n')
    await started
    expect(heard.at(-1)).to.deep.equal([])
    porter.dispose()
  })
})

describe('knocks', () => {
  it('are answered at a pace, however many there are', async () => {
    let streams = 0
    const stream = async () => {
      streams += 1
      throw new Failure('sandbox', 'Nobody waits there.')
    }
    const knocks = new Knocks({ stream } as unknown as Sandbox, () => new PassThrough())
    const ended = performance.now() + 500
    while (performance.now() < ended) {
      for (let n = 0; n < 1000; n++) void knocks.answer(3128, n)
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    expect(streams).to.be.within(100, 128 + 40)
    knocks.dispose()
  })
})
