import { expect } from 'chai'
import { fileURLToPath } from 'node:url'
import { openTerminal, untouched, type VirtualTerminal } from '../support/virtual-terminal.ts'

const program = fileURLToPath(new URL('../support/demo-screen.ts', import.meta.url))

describe('The terminal', () => {
  let terminal: VirtualTerminal | undefined
  afterEach(() => terminal?.dispose())

  async function start(ending = 'normal', size = { cols: 60, rows: 10 }): Promise<VirtualTerminal> {
    terminal = openTerminal({ argv: [process.execPath, '--import', 'tsx', program, ending], ...size })
    return terminal
  }

  /** Starts the program, ends it, and compares the terminal with how it was. */
  async function endsClean(ending: string, end: (running: VirtualTerminal) => void) {
    const running = await start(ending)
    const before = running.stty()
    await running.waitFor('ready')
    expect(running.modes()).to.deep.equal({
      alternateScreen: true,
      mouse: 'drag',
      bracketedPaste: true,
      focusReports: true,
      wraparound: false,
      cursorHidden: false,
    })
    end(running)
    const exit = await running.exit
    expect(running.modes()).to.deep.equal(untouched)
    expect(running.stty()).to.equal(before)
    return { exit, screen: running.screen().join('\n').trim() }
  }

  it('is as it was after the program ended by itself', async () => {
    expect(await endsClean('normal', (running) => running.type('x'))).to.deep.equal({ exit: 0, screen: '' })
  })

  it('is as it was after process.exit', async () => {
    expect(await endsClean('exit', (running) => running.type('x'))).to.deep.equal({ exit: 3, screen: '' })
  })

  it('is as it was after an exception, and a sentence says so', async () => {
    expect(await endsClean('throw', (running) => running.type('x'))).to.deep.equal({
      exit: 1,
      screen: 'Drydock stopped: thrown on purpose',
    })
  })

  it('is as it was after a rejection that nobody handled', async () => {
    expect(await endsClean('reject', (running) => running.type('x'))).to.deep.equal({
      exit: 1,
      screen: 'Drydock stopped: rejected on purpose',
    })
  })

  for (const [name, number] of Object.entries({ SIGTERM: 15, SIGINT: 2, SIGHUP: 1, SIGQUIT: 3 })) {
    it(`is as it was after ${name}`, async () => {
      const { exit, screen } = await endsClean('normal', ({ pid }) => process.kill(pid, name))
      expect(exit).to.equal(128 + number)
      // The shell may have a word to say about it.
      expect(screen).not.to.contain('ready')
    })
  }

  it('is given back while the program is stopped, and taken again after', async () => {
    const running = await start()
    const before = running.stty()
    await running.waitFor('ready')
    running.type('z')
    await running.waitFor(() => running.stops === 1)
    expect(running.modes()).to.deep.equal(untouched)
    expect(running.stty()).to.equal(before)
    running.resume()
    await running.waitFor((rows) => rows[0] === ' ready 60x10')
    running.type('x')
    expect(await running.exit).to.equal(0)
    expect(running.modes()).to.deep.equal(untouched)
  })

  it('is lent to another program, with its keys, and taken again after', async () => {
    const running = await start()
    const before = running.stty()
    await running.waitFor('ready')
    running.type('l')
    await running.waitFor('lent')
    expect(running.modes()).to.deep.equal(untouched)
    expect(running.stty()).to.equal(before)
    running.resize(50, 8)
    // As Ctrl-C over there does, which is for the other program: it is not ended by it either.
    process.kill(running.pid, 'SIGINT')
    running.type('four\n')
    await running.waitFor('lent:4')
    expect(running.screen()[0]).to.equal(' ready 50x8')
    running.resize(60, 10)
    running.type('x')
    expect(await running.exit).to.equal(0)
    expect(running.modes()).to.deep.equal(untouched)
    expect(running.stty()).to.equal(before)
  })

  it('hears keys, mouse and paste, and shows the cursor where it was put', async () => {
    const running = await start()
    await running.waitFor('ready')
    running.press('ctrl+p')
    await running.waitFor('ctrl+p')
    running.click(7, 3)
    running.paste('one\ntwo')
    await running.waitFor('down@7,3 up@7,3 pasted:7')
  })

  it('survives a storm of sizes, and says so where it is too small', async () => {
    const running = await start()
    await running.waitFor('ready 60x10')
    for (let step = 0; step < 40; step++) running.resize(30 + ((step * 7) % 50), 8 + ((step * 3) % 20))
    running.resize(18, 4)
    await running.waitFor((rows) => rows[0] === 'The terminal has')
    running.resize(50, 12)
    await running.waitFor((rows) => rows[0] === ' ready 50x12' && rows.slice(2).every((row) => row === ''))
  })

  it('stays sane under hostile text', async () => {
    const running = await start('hostile', { cols: 70, rows: 8 })
    await running.waitFor('ready')
    await running.waitFor('red')
    expect(running.screen()).to.deep.equal([
      ' ready 70x8',
      '',
      ' red {bold}tag{/bold} ◌evil ^Gbell  � long long long long long long lo',
      '',
      '',
      '',
      '',
      '',
    ])
  })

  it('writes nothing while nothing happens', async () => {
    const running = await start()
    await running.waitFor('ready')
    running.type('a')
    await running.waitFor((rows) => rows[1] === ' a')
    const before = running.bytes
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(running.bytes).to.equal(before)
  })

  it('is refused where no screen can be drawn', async () => {
    const running = openTerminal({ argv: [process.execPath, '--import', 'tsx', program], env: { TERM: 'dumb' } })
    terminal = running
    expect(await running.exit).to.equal(1)
    expect(running.modes()).to.deep.equal(untouched)
    expect(running.output).to.contain('TERM=dumb')
  })
})
