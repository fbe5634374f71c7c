import { text } from 'node:stream/consumers'
import { expect } from 'chai'
import { type Ready, type Started, backends, failureCode, startSandbox } from '../support/sandbox.ts'

for (const { backend, readyOrSkip, people } of backends)
  describe(`sandbox ${backend}: stream`, function () {
    this.timeout(60_000)
    let ready: Ready
    let box: Started

    before(async function () {
      ready = await readyOrSkip(this)
      box = await startSandbox(ready, people.at(-1)!)
    })
    after(() => box?.stop())

    it('is what a program reads and writes, without what it complains of', async () => {
      const stream = await box.sandbox.stream(['bash', '-c', 'echo oops >&2; id -u; pwd; cat'])
      stream.end('heard')
      expect(await text(stream)).to.equal(`${box.inside.uid}\n${box.project}\nheard`)
    })

    it('ends with its program', async () => {
      const stream = await box.sandbox.stream(['echo', 'short'])
      expect(await text(stream)).to.equal('short\n')
      expect(stream.destroyed || stream.writableEnded).to.equal(true)
    })

    it('carries a lot both ways, byte for byte', async () => {
      const bytes = Buffer.alloc(5_000_000, 'drydock ')
      const stream = await box.sandbox.stream(['cat'])
      stream.end(bytes)
      expect((await text(stream)) === bytes.toString()).to.equal(true)
    })

    it('holds its program back while nobody reads', async () => {
      const stream = await box.sandbox.stream(['bash', '-c', 'yes | head -c 100000000; echo done >/tmp/done'])
      await new Promise((resolve) => stream.once('readable', resolve))
      const before = process.memoryUsage.rss()
      await box.sh('for i in {1..20}; do [[ -e /tmp/done ]] && exit; sleep 0.05; done')
      expect((await box.sh('[[ -e /tmp/done ]]')).exit.code).to.equal(1)
      expect(process.memoryUsage.rss() - before).to.be.lessThan(30_000_000)
      stream.destroy()
    })

    it("ends its program's input when it is let go of", async () => {
      const stream = await box.sandbox.stream(['bash', '-c', 'echo up; cat; echo over >/tmp/over; exec sleep 0'])
      await new Promise((resolve) => stream.once('data', resolve))
      stream.destroy()
      const { exit } = await box.sh('for i in {1..200}; do [[ -e /tmp/over ]] && exit 7; sleep 0.05; done')
      expect(exit.code).to.equal(7)
    })

    it('is refused where the sandbox is gone', async () => {
      const gone = await startSandbox(ready)
      await gone.stop()
      expect(await failureCode(gone.sandbox.stream(['true']))).to.equal('sandbox')
    })
  })
