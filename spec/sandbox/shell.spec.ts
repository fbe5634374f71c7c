import { expect } from 'chai'
import type { Exit, Shell } from '../../lib/sandbox/sandbox.ts'
import { type Ready, type Started, backends, killSandbox, startSandbox } from '../support/sandbox.ts'

const soak = process.env['DRYDOCK_SOAK'] === '1'

function ended({ exit }: { exit: Exit }): number | string {
  return exit.code ?? exit.signal ?? exit.reason
}

for (const { backend, readyOrSkip, people } of backends) {
  describe(`sandbox ${backend}: shell`, function () {
    this.timeout(60_000)
    let ready: Ready

    before(async function () {
      ready = await readyOrSkip(this)
    })

    for (const { who, user } of people) {
      describe(`as ${who}`, () => {
        let box: Started
        let shell: Shell

        before(async () => {
          box = await startSandbox(ready, { user })
          shell = await box.sandbox.shell({ cols: 100, rows: 30 })
        })
        after(() => box?.stop())

        const run = async (
          command: string,
          options: { cancelMs?: number; timeoutMs?: number } = {},
        ): Promise<{ exit: Exit; text: string }> => {
          let text = ''
          const cancel = new AbortController()
          if (options.cancelMs !== undefined) setTimeout(() => cancel.abort(), options.cancelMs)
          const onOutput = (piece: string) => void (text += piece)
          const exit = await shell.run(command, { signal: cancel.signal, timeoutMs: options.timeoutMs, onOutput })
          return { exit, text }
        }

        it('gives what a command printed, exactly, and how it ended', async () => {
          const cases: [string, string, number | string][] = [
            ['echo hello', 'hello\n', 0],
            ['printf "no line end"', 'no line end', 0],
            ['true', '', 0],
            ['false', '', 1],
            ['(exit 42)', '', 42],
            ['bash -c "kill -TERM \\$\\$"', 'Terminated\n', 'SIGTERM'],
            ['no-such-command', 'bash: no-such-command: command not found\n', 127],
            ['echo out; echo err >&2', 'out\nerr\n', 0],
            ['cat', '', 0],
            ['tput cols; stty size < /dev/tty', '100\n30 100\n', 0],
            [
              'cat <<EOF\none $((1 + 1))\n\ttab \'quote\' "double" \\\\ !bang\nEOF',
              'one 2\n\ttab \'quote\' "double" \\ !bang\n',
              0,
            ],
            ['echo größe 漢字 😀', 'größe 漢字 😀\n', 0],
            ["printf 'a\\xffb\\n'", 'a\ufffdb\n', 0],
            ['echo one\necho two', 'one\ntwo\n', 0],
            ['echo "$$" | grep -c .; set -- a b; echo $#', '1\n2\n', 0],
          ]
          for (const [command, text, status] of cases) {
            const result = await run(command)
            expect([command, result.text, ended(result)]).to.deep.equal([command, text, status])
          }
        })

        it('keeps variables, functions and the working directory', async () => {
          await run('cd /usr && A=1 && export B=2 && f() { echo "f $A $B"; }')
          expect((await run('f; pwd; bash -c "echo \\$A\\$B"')).text).to.equal('f 1 2\n/usr\n2\n')
          expect(shell.cwd).to.equal('/usr')
          const odd = '/tmp/a;b%07 c\nd'
          await run("mkdir -p $'/tmp/a;b%07 c\\nd' && cd $'/tmp/a;b%07 c\\nd'")
          expect(shell.cwd).to.equal(odd)
          await run(`cd ${box.project}`)
        })

        it('says what is wrong with an unfinished command', async () => {
          for (const [command, words] of [
            ['echo "unfinished', /unexpected EOF while looking for matching/],
            ['if true; then', /syntax error: unexpected end of file/],
            ['echo $(', /unexpected EOF|syntax error/],
            ['}', /syntax error near unexpected token/],
          ] as const) {
            const result = await run(command)
            expect(result.text, command).to.match(words)
            expect(result.exit.code, command).to.be.oneOf([1, 2])
          }
          expect((await run('echo fine')).text).to.equal('fine\n')
        })

        it('takes commands of any length', async () => {
          const long = 'é"\'\\ $x\t'.repeat(8000)
          const result = await run(`wc -c <<'END OF IT'\n${long}\nEND OF IT`)
          expect(result.text).to.equal(`${Buffer.byteLength(long) + 1}\n`)
        })

        it('runs many commands in a row without losing step', async () => {
          for (let index = 0; index < (soak ? 4000 : 200); index++) {
            const result = await run(`echo ${index}; (exit ${index % 100})`)
            expect([result.text, result.exit.code]).to.deep.equal([`${index}\n`, index % 100])
          }
        }).timeout(soak ? 600_000 : 60_000)

        it('gives output and status of a shell that ends, and goes on with a new one in the same place', async () => {
          await run('cd /tmp')
          for (const [command, text, status] of [
            ['echo last; exit 3', 'last\nexit\n', 3],
            ['exec false', '', 1],
            ['seq 5000; exec true', `${Array.from({ length: 5000 }, (_, n) => n + 1).join('\n')}\n`, 0],
            ['kill -KILL $$', '', 'SIGKILL'],
          ] as const) {
            const result = await run(command)
            expect([command, result.text, ended(result)]).to.deep.equal([command, text, status])
            expect(await run('pwd')).to.have.property('text', '/tmp\n')
          }
          await run('mkdir /tmp/gone && cd /tmp/gone')
          await run('rmdir /tmp/gone; exit')
          expect((await run('pwd')).text).to.equal(`${box.project}\n`)
          expect(await box.sandbox.shell()).to.equal(shell)
        })

        it('cancels whatever runs within a second', async () => {
          const commands = [
            'sleep 4712',
            'trap "" INT; sleep 4712',
            'bash -c "trap \'\' INT TERM; while :; do sleep 4712; done"',
            'setsid sleep 4712 & sleep 4712',
            '(setsid bash -c "setsid sleep 4712 & sleep 4712" &) ; wait; sleep 4712',
            'yes',
            'while :; do :; done',
            'trap "" INT; while :; do :; done',
            'read x < /dev/tty',
          ]
          for (const command of commands) {
            const { exit } = await run(command, { cancelMs: 150 })
            expect([command, exit.reason]).to.deep.equal([command, 'cancelled'])
            expect(exit.ms, command).to.be.within(100, 1300)
            expect((await run('pgrep -x "sleep|yes"')).text, command).to.equal('')
          }
        })

        it('ends what takes too long', async () => {
          const { exit, text } = await run('echo begun; sleep 4713; echo not this', { timeoutMs: 300 })
          expect(exit.reason).to.equal('timeout')
          expect(text).to.match(/^begun\n/)
          expect(text).to.not.match(/not this/)
        })

        it('leaves what runs in the background alone when another command is cancelled', async () => {
          await run('sleep 4714 &')
          await run('sleep 100', { cancelMs: 100 })
          expect((await run('pgrep -fc "^sleep 4714"')).text).to.equal('1\n')
          await run('kill %%; wait')
        })

        it('does not start a command that was cancelled before its turn', async () => {
          const first = run('sleep 0.3; echo first')
          const second = run('touch /tmp/not-this', { cancelMs: 20 })
          expect((await second).exit.reason).to.equal('cancelled')
          expect((await first).text).to.equal('first\n')
          expect((await run('ls /tmp/not-this')).exit.code).to.equal(2)
        })

        it('streams a flood without keeping it, cut between characters', async () => {
          const line = '漢字 and ascii\n'
          let characters = 0
          let broken = 0
          const before = process.memoryUsage().rss
          let most = before
          const exit = await shell.run(`yes '${line.trim()}' | head -n 1000000`, {
            signal: AbortSignal.timeout(60_000),
            onOutput: (text) => {
              characters += text.length
              if (text.includes('\ufffd')) broken += 1
              most = Math.max(most, process.memoryUsage().rss)
            },
          })
          expect([exit.code, characters, broken]).to.deep.equal([0, line.length * 1_000_000, 0])
          expect((most - before) / 1024 / 1024, 'MB').to.be.lessThan(120)
        })

        it('is heard by listeners, and takes the keyboard', async () => {
          let heard = ''
          const listener = shell.output((text) => {
            heard += text
            if (text.includes('sure?\r\n')) shell.input('yes\n')
          })
          const { text } = await run('echo "sure?"; read answer < /dev/tty; echo "got $answer"')
          expect(text).to.equal('sure?\ngot yes\n')
          await listener.dispose()
          await run('echo unheard')
          expect(heard).to.match(/❯.*echo "sure\?".*\r\nsure\?\r\ngot yes\r\n$/s)
        })

        it('tells programs a new size', async () => {
          shell.resize({ cols: 77, rows: 22 })
          const until = Date.now() + 5000
          while ((await run('stty size < /dev/tty')).text !== '22 77\n') expect(Date.now()).to.be.lessThan(until)
        })
      })
    }

    it('reports a command as lost when the sandbox goes away under it', async () => {
      const box = await startSandbox(ready, {})
      const shell = await box.sandbox.shell()
      const lost = new Promise((resolve) => box.sandbox.onLost(resolve))
      const running = shell.run('sleep 100', { signal: new AbortController().signal })
      await box.sh('true')
      await killSandbox(ready)
      expect((await running).reason).to.equal('lost')
      expect(await lost).to.have.property('code', 'sandbox')
      await box.stop()
    })
  })
}
