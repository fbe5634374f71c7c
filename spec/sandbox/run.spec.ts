import { expect } from 'chai'
import { demultiplexer } from '../../lib/sandbox/exec.ts'
import { type Ready, type Started, backends, startSandbox } from '../support/sandbox.ts'

for (const { backend, readyOrSkip, people } of backends) {
  describe(`sandbox ${backend}: run`, function () {
    this.timeout(60_000)
    let ready: Ready

    before(async function () {
      ready = await readyOrSkip(this)
    })

    for (const { who, user } of people) {
      describe(`as ${who}`, () => {
        let box: Started

        before(async () => {
          box = await startSandbox(ready, { user })
        })
        after(() => box?.stop())

        it('keeps output and errors apart and gives the status', async () => {
          const { exit, stdout, stderr } = await box.sh('echo out; echo err >&2; exit 7')
          expect([stdout, stderr, exit.code, exit.signal, exit.reason]).to.deep.equal([
            'out\n',
            'err\n',
            7,
            null,
            'exited',
          ])
        })

        it('tells a signal from a status', async () => {
          const { exit } = await box.sh('kill -TERM $$')
          expect([exit.code, exit.signal, exit.reason]).to.deep.equal([null, 'SIGTERM', 'exited'])
        })

        it('takes input, variables and a working directory', async () => {
          const { stdout } = await box.sh('cat; echo " $NAME"; pwd', {
            input: Buffer.from('hello'),
            env: { NAME: 'a b\nc' },
            cwd: '/tmp',
          })
          expect(stdout).to.equal('hello a b\nc\n/tmp\n')
        })

        it('passes arguments as they are', async () => {
          const chunks: Buffer[] = []
          await box.sandbox.run(['printf', '<%s>', 'a b', '$HOME', "'", ''], {
            signal: AbortSignal.timeout(10_000),
            onOutput: (chunk) => void chunks.push(chunk),
          })
          expect(Buffer.concat(chunks).toString()).to.equal("<a b><$HOME><'><>")
        })

        it('gives a status for a program or a folder that is not there', async () => {
          const exit = await box.sandbox.run(['no-such-program'], { signal: AbortSignal.timeout(10_000) })
          expect(exit.code).to.be.oneOf([126, 127])
        })

        it('kills what it started, children of their own session too, when cancelled or out of time', async () => {
          const command = 'trap "" TERM INT; setsid sleep 4711 & sleep 4711'
          const cancelled = await box.sh(command, { signal: AbortSignal.timeout(300) })
          expect(cancelled.exit.reason).to.equal('cancelled')
          expect(cancelled.exit.ms).to.be.within(290, 1300)
          const late = await box.sh(command, { timeoutMs: 300 })
          expect(late.exit.reason).to.equal('timeout')
          const bare = await box.sh('exec env -i bash -c "trap \'\' TERM; sleep 4711 & sleep 4711"', { timeoutMs: 300 })
          expect(bare.exit.reason).to.equal('timeout')
          expect((await box.sh('pgrep -fx "sleep 4711"')).stdout).to.equal('')
        })

        it('ends with the program, whatever that leaves in the background', async () => {
          const { exit, stdout } = await box.sh('sleep 30 & echo done')
          expect([exit.code, stdout]).to.deep.equal([0, 'done\n'])
          expect(exit.ms).to.be.lessThan(5000)
        })

        it('streams a flood whole', async () => {
          let size = 0
          const exit = await box.sandbox.run(['head', '-c', '20000000', '/dev/zero'], {
            signal: AbortSignal.timeout(30_000),
            onOutput: (chunk) => void (size += chunk.length),
          })
          expect([exit.code, size]).to.deep.equal([0, 20_000_000])
        })
      })
    }
  })
}

function frame(kind: number, text: string): Buffer {
  const header = Buffer.alloc(8)
  header[0] = kind
  header.writeUInt32BE(Buffer.byteLength(text), 4)
  return Buffer.concat([header, Buffer.from(text)])
}

describe('sandbox output frames', () => {
  it('are taken apart wherever the stream is cut', () => {
    const stream = Buffer.concat([frame(1, 'one'), frame(2, 'error'), frame(1, ''), frame(1, 'two')])
    for (let size = 1; size <= stream.length; size++) {
      const heard = { stdout: '', stderr: '' }
      const read = demultiplexer((chunk, name) => void (heard[name] += chunk.toString()))
      for (let at = 0; at < stream.length; at += size) read(stream.subarray(at, at + size))
      expect(heard, `pieces of ${size}`).to.deep.equal({ stdout: 'onetwo', stderr: 'error' })
    }
  })
})
