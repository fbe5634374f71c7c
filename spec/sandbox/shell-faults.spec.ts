import { expect } from 'chai'
import type { Job } from '../../lib/core/events.ts'
import type { CommandOptions, Exit, Shell } from '../../lib/sandbox/sandbox.ts'
import { type Ready, type Started, backends, startSandbox } from '../support/sandbox.ts'

const soak = process.env['DRYDOCK_SOAK'] === '1'
const user = { uid: process.getuid!() || 1000, gid: process.getgid!() || 1000 }

function ended({ code, signal, reason }: Exit): number | string | null {
  return reason === 'exited' ? (code ?? signal) : reason
}

function words(jobs: readonly Job[]): string[][] {
  return jobs.map(({ command, processes }) => [command, ...processes.map((one) => one.words)])
}

/** What commands may do to the shell that they run in, and how each of them ends. */
const deeds: [command: string, end: number | string][] = [
  // It ends.
  ['exit 3', 3],
  ['exec true', 0],
  ['exec sleep 0.01', 0],
  ['exec bash', 0],
  ['set -e; false', 1],
  ["trap 'exit 5' EXIT; exit 4", 5],
  ['kill -KILL $$', 'SIGKILL'],
  ['stty -icanon min 0 time 0 </dev/tty', 0],
  // It is not whole.
  ['echo "never closed', 2],
  ["cat <<'END'\nnever closed", 0],
  ['(', 2],
  ['if', 2],
  // It is bent.
  ['kill -TERM $$', 0],
  ['kill -INT $$', 'SIGINT'],
  ['set -eu; :', 0],
  ['set +eu; set -f', 0],
  ["trap 'echo trapped' DEBUG ERR INT", 0],
  ['trap - DEBUG ERR INT; exec >&-', 0],
  ['exec <&- 2>&-', 0],
  ['exec >/dev/null 2>&1', 0],
  ['PROMPT_COMMAND=; PS0=x; PS1=y; PS2=z', 0],
  ['PROMPT_COMMAND=(one two)', 0],
  ['unset PROMPT_COMMAND PS1', 0],
  ['stty raw echo </dev/tty', 0],
  ['bash -i; true', 0],
  [String.raw`printf '\e[?1049h\e[?25l'`, 0],
  ["readonly status=5 at=6 round=7 text=8; shopt -s failglob; GLOBIGNORE='/proc/*'", 0],
  ['shopt -u failglob; unset GLOBIGNORE', 0],
  ['printf() { false; }; alias eval=false unset=false', 0],
  ['suspend', 127],
  ['return 5', 2],
  ['IFS=0; set -o posix', 0],
]

/** Commands that do not want to be cancelled. */
const stubborn = [
  'sleep 4712 | cat',
  'nohup sleep 4712 >/dev/null & sleep 4712',
  "sh -c 'sleep 4712 & kill -STOP $!; wait'",
  'setsid -w sleep 4712; sleep 4712',
  String.raw`printf '\e[?1049h'; stty raw </dev/tty; sleep 4712`,
  "bash -c 'trap : INT TERM HUP; while :; do sleep 4712; done' | yes >/dev/null",
]

/** Lines with more to come, each with the milliseconds after which it can be met in the middle. */
const unfinished: [line: string, ms: number][] = [
  ['sleep 4712; echo not this; touch /tmp/not-this', 0],
  [`bash -c 'trap "" INT; sleep 4712'; echo not this`, 0],
  // It heeds Ctrl-C, and ends well.
  [`bash -c 'trap "exit 0" INT; sleep 4712'; echo not this; touch /tmp/not-this`, 60],
  ['trap : INT; sleep 4712; echo not this; sleep 4712', 0],
  ["trap '' INT; sleep 4712; echo not this", 0],
  ['x=$(sleep 4712)$(touch /tmp/not-this)', 0],
  ['for n in {1..30000}; do /bin/true; done; echo not this', 0],
  // They have a part of the shell itself behind them, which carries no tag of the command's.
  ['(while :; do sleep 0.01; done) & wait; echo not this', 0],
  ['while :; do (sleep 0.01 & sleep 0.02); done; echo not this', 0],
]

for (const { backend, readyOrSkip } of backends) {
  describe(`sandbox ${backend}: what a shell goes through`, function () {
    this.timeout(60_000)
    let ready: Ready
    let box: Started
    let shell: Shell

    before(async function () {
      ready = await readyOrSkip(this)
      box = await startSandbox(ready, { user })
      shell = await box.sandbox.shell()
    })
    after(() => box?.stop())

    const run = async (command: string, options: Partial<CommandOptions> = {}) => {
      let text = ''
      const onOutput = (piece: string) => void (text += piece)
      const exit = await shell.run(command, { signal: AbortSignal.timeout(20_000), onOutput, ...options })
      return { exit, text }
    }

    it('goes on in the same place, whatever a command did to it', async () => {
      await run('mkdir /tmp/here; cd /tmp/here')
      for (const [command, end] of deeds) {
        const { exit } = await run(command)
        const next = await run('pwd')
        const place = next.text.slice(-'/tmp/here\n'.length) // a trap may have its say first
        expect([command, ended(exit), place, next.exit.code]).to.deep.equal([command, end, '/tmp/here\n', 0])
      }
      await run('exit')
    })

    it('is replaced where it no longer listens', async () => {
      // Each line that is typed would end in the wrong sign.
      await run('cd /tmp; stty inlcr </dev/tty')
      expect(await run('pwd')).to.have.property('text', '/tmp\n')
      await run(`cd ${box.project}`)
    })

    it('keeps what runs in the background, and knows it', async () => {
      const heard: string[][] = []
      const listener = box.sandbox.onJobs((jobs) => void heard.push(jobs.map(({ command }) => command)))
      const first = 'sleep 4721 & sleep 4722 &'
      const second = '(setsid sleep 4723 >/dev/null 2>&1 &); until (($(pgrep -cx sleep) == 3)); do :; done'
      expect((await run(first)).exit.ms).to.be.lessThan(2000)
      await run(second)
      expect(words(shell.jobs)).to.deep.equal([
        [first, 'sleep 4721', 'sleep 4722'],
        [second, 'sleep 4723'],
      ])
      await run('sleep 4724', { timeoutMs: 100 })
      await run('kill %1')
      expect(words(shell.jobs)).to.deep.equal([
        [first, 'sleep 4722'],
        [second, 'sleep 4723'],
      ])
      expect((await run('pkill sleep; until ! pgrep sleep >/dev/null; do :; done')).exit.code).to.equal(0)
      expect(shell.jobs).to.deep.equal([])
      expect(heard).to.deep.equal([[first], [first, second], [first, second], []])
      await listener.dispose()
    })

    it('hands the terminal to a command that is to be typed into, with echo, and takes it back', async () => {
      const line = 'read -r answer; echo "got $answer"; stty -a | grep -ow -- "-\\?echo"'
      const asked = await run(`echo ready; ${line}`, {
        interactive: true,
        onOutput: undefined,
        ...typing('ready', 'yes\n'),
      })
      expect(asked.exit.code).to.equal(0)
      expect(typed).to.equal('ready\nyes\ngot yes\necho\n')
      expect((await run('stty -a </dev/tty | grep -ow -- "-\\?echo"; cat')).text).to.equal('-echo\n')
    })

    it('drops what was typed and not taken', async () => {
      for (const interactive of [true, false]) {
        await run('echo ready; sleep 0.1', { interactive, ...typing('ready', 'touch /tmp/typed\nhalf a line') })
        expect((await run('ls /tmp/typed')).exit.code).to.equal(2)
      }
      shell.input('touch /tmp/typed\n')
      expect((await run('ls /tmp/typed')).exit.code).to.equal(2)
    })

    it('goes on with nothing of a command that is cancelled in the middle, and leaves nothing of it', async function () {
      if (soak) this.timeout(900_000)
      const shells = new Set<string>()
      const nothing = "ls: cannot access '/tmp/not-this': No such file or directory\n"
      for (const [command, ms] of unfinished) {
        for (let round = 0; round < (soak ? 50 : 2); round++) {
          // Where a program is just beginning, Ctrl-C is lost, and so is what is sent to the terminal's group.
          const { exit, text } = await run(command, { timeoutMs: ms + 20 * (round % 7) })
          expect([command, exit.reason, text.includes('not this')]).to.deep.equal([command, 'timeout', false])
          const left = await run('pgrep -a "sleep|true"; ls /tmp/not-this')
          expect([command, left.text]).to.deep.equal([command, nothing])
          shells.add((await run('echo $$')).text)
        }
      }
      // The shell stays; but on a machine so busy that it does not answer within the second another takes its place.
      expect(shells.size).to.be.at.most(soak ? 6 : 2)
    })

    it('leaves alone what earlier commands have left of the shell itself, and knows it', async () => {
      const loop = '(while :; do sleep 0.01; done) &'
      await run(loop)
      await run('(while :; do sleep 0.01; done) & sleep 4712', { timeoutMs: 60 })
      await run(':')
      expect(words(shell.jobs).map(([command, part]) => [command, part])).to.deep.equal([[loop, 'bash']])
      await run('kill %1; wait %1')
      await run(':')
      expect(shell.jobs).to.deep.equal([])
    })

    it('cancels what does not want to be', async () => {
      for (const command of stubborn) {
        const { exit } = await run(command, { signal: AbortSignal.timeout(150) })
        expect([command, exit.reason]).to.deep.equal([command, 'cancelled'])
        expect(exit.ms, command).to.be.within(140, 1300)
        expect((await run('pgrep -r R,S,D,T -x "sleep|yes"')).text, command).to.equal('')
      }
    })

    it('loses nothing of what was printed before its end', async function () {
      if (soak) this.timeout(900_000)
      const lines = 3000
      const all = Array.from({ length: lines }, (_, n) => `${n + 1}\n`).join('')
      for (let round = 0; round < (soak ? 1000 : 12); round++) {
        const { exit, text } = await run(`seq ${lines}; exec true`)
        expect([exit.code, text === all, text.length]).to.deep.equal([0, true, all.length])
      }
    })

    let typed = ''
    /** Types the keys once that was printed; what is printed in all is in `typed`. */
    const typing = (prompt: string, keys: string): Pick<CommandOptions, 'onOutput'> => {
      typed = ''
      let done = false
      return {
        onOutput: (text) => {
          typed += text
          if (done || !typed.includes(prompt)) return
          done = true
          shell.input(keys)
        },
      }
    }
  })
}
