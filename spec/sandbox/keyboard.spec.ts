import { expect } from 'chai'
import type { Keyboard, Shell } from '../../lib/sandbox/sandbox.ts'
import { type Ready, type Started, backends, startSandbox } from '../support/sandbox.ts'

for (const { backend, readyOrSkip } of backends)
  describe(`sandbox ${backend}: keyboard`, function () {
    this.timeout(20_000)
    let ready: Ready
    let box: Started
    let shell: Shell
    let seen = ''
    let told: Keyboard[] = []
    let waiters: (() => void)[] = []

    before(async function () {
      ready = await readyOrSkip(this)
      box = await startSandbox(ready, {})
      shell = await box.sandbox.shell({ cols: 80, rows: 24 })
      shell.output((text) => ((seen += text), waiters.forEach((look) => look())))
      shell.onKeyboard((keyboard) => (told.push(keyboard), waiters.forEach((look) => look())))
    })
    beforeEach(() => {
      seen = ''
      told = []
    })
    after(() => box?.stop())

    const until = (wanted: () => boolean) =>
      new Promise<void>((resolve) => {
        const look = () => {
          if (!wanted()) return
          waiters = waiters.filter((one) => one !== look)
          resolve()
        }
        waiters.push(look)
        look()
      })
    const shows = (text: string) => until(() => seen.includes(text))
    const ran = () => told.flatMap((keyboard) => keyboard.ran ?? [])
    const run = async (command: string, onWaiting?: () => void) => {
      let text = ''
      const { signal } = new AbortController()
      const exit = await shell.run(command, { signal, onWaiting, onOutput: (piece) => void (text += piece) })
      return { exit, text }
    }
    const prompt = '\x1b[m $ '.replace('$', process.getuid!() === 0 ? '#' : '$')

    /** The person takes the keyboard, and has a prompt. */
    const take = async () => {
      shell.takeKeyboard()
      await shows(prompt)
      seen = ''
    }
    const give = async () => {
      shell.giveKeyboard()
      await until(() => told.at(-1)!.holder === 'agent' && !told.at(-1)!.busy)
    }

    it('shows the commands of the agent as if they were typed, and how they failed', async () => {
      await run('echo hello; echo there')
      await run('exit_with() { return $1; }; printf half; exit_with 3')
      const plain = seen.replaceAll(/\x1b\[[^a-zA-Z]*[a-zA-Z]/g, '')
      expect(plain).to.equal(
        [
          '❯ echo hello; echo there',
          'hello',
          'there',
          '❯ exit_with() { return $1; }; printf half; exit_with 3',
          'half',
          '✗ exit 3',
          '',
        ].join('\r\n'),
      )
    })

    it('lends the same shell to the person, and has it back as they left it', async () => {
      await run('export OURS=1; cd /tmp; set -u')
      await take()
      shell.input('echo "$OURS $PWD" é; THEIRS=2\r')
      await shows('1 /tmp é\r\n')
      shell.input('cd /; false\r')
      await until(() => seen.split(prompt).length > 2)
      shell.input('half typed and "quoted')
      await shows('quoted')
      await give()
      expect(ran()).to.deep.equal([
        { command: 'echo "$OURS $PWD" é; THEIRS=2', status: 0, cwd: '/tmp' },
        { command: 'cd /; false', status: 1, cwd: '/' },
      ])
      expect(shell.cwd).to.equal('/')
      const { text } = await run(
        'echo "$OURS $THEIRS $PWD"; stty -a </dev/tty | grep -ow -- "-\\?echo"; set -o | grep emacs',
      )
      expect(text).to.match(/^1 2 \/\n-echo\nemacs +\toff\n$/)
      expect(seen).not.to.contain('__drydock')
    })

    it('lets a command of the agent wait until it has the keyboard again', async () => {
      await take()
      let waits = 0
      const running = run('echo "after you: $X"', () => waits++)
      await until(() => told.at(-1)?.waiting === 'echo "after you: $X"')
      shell.input('X=5; echo first\r')
      await shows('\rfirst\r\n')
      await give()
      expect([(await running).text, waits]).to.deep.equal(['after you: 5\n', 1])
      expect(told.at(-1)).to.deep.equal({ holder: 'agent', busy: false })
    })

    it('waits for what the person has left running, and lets them end it', async () => {
      await take()
      shell.input('echo up; cat\r')
      await shows('\rup\r\n')
      shell.input('line\r')
      await shows('line\r\nline\r\n')
      shell.giveKeyboard()
      const running = run('echo mine')
      await until(() => told.at(-1)!.waiting === 'echo mine')
      expect(told.at(-1)).to.deep.equal({ holder: 'agent', busy: true, waiting: 'echo mine' })
      shell.takeKeyboard()
      shell.input('\x04')
      await until(() => seen.includes(prompt))
      await give()
      expect((await running).text).to.equal('mine\n')
      expect(ran()).to.deep.equal([{ command: 'echo up; cat', status: 0, cwd: shell.cwd }])
    })

    it('is cancelled while it waits', async () => {
      await take()
      const cancel = new AbortController()
      const running = shell.run('echo never', { signal: cancel.signal })
      await until(() => told.at(-1)!.waiting === 'echo never')
      cancel.abort()
      expect((await running).reason).to.equal('cancelled')
      await give()
      expect((await run('echo next')).text).to.equal('next\n')
      expect(seen).not.to.contain('never')
    })

    it('types for the command that runs, and has a prompt when that has ended', async () => {
      const running = run('echo ready; read -r line </dev/tty; echo "got $line"')
      await shows('ready\r\n')
      shell.takeKeyboard()
      shell.input('typed\n')
      expect((await running).text).to.equal('ready\ngot typed\n')
      await shows(prompt)
      await give()
      expect(ran()).to.deep.equal([])
    })

    it('gets out of an unfinished line, and of an editor of other keys', async () => {
      for (const typed of ['for x in 1 2\rdo echo "', 'cat <<END\rone\r']) {
        seen = ''
        await take()
        shell.input(typed)
        await shows('> ')
        await give()
        expect((await run('echo fine')).text).to.equal('fine\n')
      }
      await take()
      shell.input('set -o vi\r')
      await shows(prompt)
      shell.input('half')
      await give()
      expect((await run('set -o | grep -c "^vi .*off"')).text).to.equal('1\n')
    })

    it('has the agent a new shell in the same folder where the person ends it', async () => {
      await run('cd /usr')
      await take()
      shell.input('exit 3\r')
      await until(() => told.some(({ ran: lines }) => lines === undefined) && told.at(-1)!.holder === 'agent')
      expect((await run('pwd')).text).to.equal('/usr\n')
      await take()
      shell.input('exec sh -c "echo up; exec cat"\r')
      await shows('\rup\r\n')
      shell.input('line\r')
      await shows('line\r\nline\r\n')
      shell.input('\x04')
      await until(() => told.at(-1)!.holder === 'agent')
      expect((await run('pwd')).text).to.equal('/usr\n')
    })

    it('does not tell of a line that begins with a blank', async () => {
      await take()
      shell.input(' echo secret\r')
      await shows('\rsecret\r\n')
      shell.input('echo told; echo "a;b%\u0007"\r')
      await shows('\rtold\r\n')
      await give()
      expect(ran().map(({ command }) => command)).to.deep.equal(['echo told; echo "a;b%"'])
    })
  })
