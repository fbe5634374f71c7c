import { expect } from 'chai'
import type { Stats } from '../../lib/core/events.ts'
import type { Exit, Shell } from '../../lib/sandbox/sandbox.ts'
import { type Ready, type Started, backends, startSandbox } from '../support/sandbox.ts'

const MB = 2 ** 20
const limits = { memory: 256 * MB, cpus: 2, pids: 96, disk: 96 * MB }
const user = { uid: process.getuid!() || 1000, gid: process.getgid!() || 1000 }

function told({ breaches = [] }: Exit): string[] {
  return breaches.map(({ text }) => text)
}

for (const { backend, readyOrSkip } of backends) {
  describe(`sandbox ${backend}: limits`, function () {
    this.timeout(60_000)
    let ready: Ready
    let box: Started
    let shell: Shell
    let counts: boolean

    before(async function () {
      ready = await readyOrSkip(this)
      box = await startSandbox(ready, { user, limits })
      shell = await box.sandbox.shell()
      // An embedded sandbox has a control group where the system lets it.
      counts = !box.sandbox.label.includes('memory limited by process')
    })
    after(() => box?.stop())

    const run = async (command: string, timeoutMs = 30_000): Promise<{ exit: Exit; text: string }> => {
      let text = ''
      const onOutput = (piece: string) => void (text = (text + piece).slice(-10_000))
      const exit = await shell.run(command, { signal: new AbortController().signal, timeoutMs, onOutput })
      return { exit, text }
    }
    const works = async () => expect((await run('echo works')).text).to.equal('works\n')

    it('tells of memory that was used up, and of no more than that', async function () {
      if (!counts) this.skip()
      const { exit } = await run('tail /dev/zero')
      expect([exit.signal, told(exit)]).to.deep.equal([
        'SIGKILL',
        ["the sandbox's memory limit of 256 MB was reached: a process was killed"],
      ])
      expect(told((await run('true')).exit)).to.deep.equal([])
      // The end of a pipe is not its beginning.
      const piped = await run('tail /dev/zero | cat')
      expect([piped.exit.code, told(piped.exit).length]).to.deep.equal([0, 1])
      const program = await box.sandbox.run(['tail', '/dev/zero'], { signal: AbortSignal.timeout(30_000) })
      expect(told(program)).to.have.length(1)
    })

    it('ends a fork bomb, in the foreground and behind', async () => {
      const bomb = await run('bomb() { bomb | bomb; }; bomb')
      expect(bomb.exit.reason).to.equal('limit')
      expect(told(bomb.exit).join()).to.match(/^the sandbox's limit of 96 processes and threads was reached/)
      await works()
      if (!counts) return
      // On a slow machine it has reached the limit before the command that began it has ended.
      const begun = await run('bomb() { bomb | bomb; }; bomb &')
      const next = await run('sleep 0.5')
      expect([...told(begun.exit), ...told(next.exit)].join()).to.match(/limit of 96 processes/)
      await works()
      expect(shell.jobs).to.deep.equal([])
    })

    it('ends what fills the disk, and lets make room', async () => {
      await run('sleep 2.2') // the watch begins late, so that a start is quick
      const filled = await run('while ((n += 1)); do head -c 8M /dev/zero >full$n; done')
      expect(filled.exit.reason).to.equal('limit')
      expect(told(filled.exit).join()).to.match(
        /^the sandbox's disk limit of 96 MB was reached: its changes, its home and its packages take up [\d.]+ [MG]B$/,
      )
      expect((await run('rm full*; ls')).exit).to.deep.include({ code: 0, reason: 'exited' })
      const again = await run('while ((n += 1)); do head -c 8M /dev/zero >~/full$n; done')
      expect([again.exit.reason, told(again.exit).length]).to.deep.equal(['limit', 1])
      await run('rm ~/full*')
      await works()
    })

    it('tells of a folder for temporary files that is full', async function () {
      const { exit } = await run('for n in {1..9}; do head -c 32M /dev/zero >/tmp/full$n || break; done; ls /nowhere')
      expect(told(exit)).to.include('/tmp is full: it holds 128 MB at most, which are memory')
      expect((await run('rm /tmp/full*; false')).exit.breaches).to.equal(undefined)
    })

    it('gives what it uses, a sample at once', async () => {
      const running = run('while :; do :; done', 2000)
      const samples: Stats[] = []
      const enough = new AbortController()
      for await (const sample of box.sandbox.stats(enough.signal)) {
        samples.push(sample)
        if (samples.length === 2) enough.abort()
      }
      await running
      expect(samples).to.have.length(2)
      const [first, second] = samples as [Stats, Stats]
      expect(first.limits).to.deep.equal(limits)
      expect(first.memory).to.be.within(MB, limits.memory)
      expect(first.pids).to.be.within(3, limits.pids)
      expect(second.cpus).to.be.within(0.05, 2.5)
    })

    it('ends the samples with the sandbox', async () => {
      const own = await startSandbox(ready, { user, limits })
      let samples = 0
      for await (const sample of own.sandbox.stats(new AbortController().signal)) {
        samples += sample.limits.pids / limits.pids
        if (samples === 1) await own.stop()
      }
      expect(samples).to.equal(1)
    })
  })
}
