import { expect } from 'chai'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, statSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { Bus } from '../../lib/core/bus.ts'
import { Failure } from '../../lib/core/failure.ts'
import { connectTo, living, type Remote } from '../../lib/remote/client.ts'
import { Host } from '../../lib/remote/host.ts'
import { socketPath } from '../../lib/remote/place.ts'
import { protocol, type Role } from '../../lib/remote/protocol.ts'
import { Folder } from '../support/folder.ts'

describe('a session for screens elsewhere', () => {
  const root = new Folder()
  const opened: { dispose(): unknown }[] = []
  let folder: string
  let bus: Bus
  let screens: number
  let told: string[]
  let snapshot: () => Iterable<unknown>

  beforeEach(() => {
    folder = root.at('run')
    bus = new Bus((error) => {
      throw error
    })
    screens = 0
    told = []
    snapshot = () => ['first', 'second']
  })
  afterEach(async () => {
    for (const one of opened.splice(0).toReversed()) await one.dispose()
  })

  const methods = {
    double: (bytes: Uint8Array) => Promise.resolve({ twice: Buffer.concat([bytes, bytes]), of: bytes.length }),
    refuse: () => Promise.reject(new Failure('missing', 'There is no such file.')),
    nothing: () => undefined,
    large: () => 'x'.repeat(2_000_000),
  }

  async function host(session = 's1', in_ = folder): Promise<Host> {
    const one = await Host.open({
      folder: in_,
      bus,
      greeting: () => ({ protocol, version: '1', session, project: '/p', pid: 7, at: 5, working: false, screens }),
      snapshot: () => snapshot(),
      methods,
      onScreen: () => {
        screens += 1
        return { dispose: () => void (screens -= 1) }
      },
    })
    opened.push(one)
    return one
  }

  /** Connects, and is told into `told`; resolves once it has the whole state. */
  async function look(as: Role = 'view', session = 's1', in_ = folder): Promise<Remote> {
    const remote = await connectTo(in_, session)
    opened.push(remote)
    await new Promise<void>((resolve) =>
      remote.begin(as, {
        onPart: (part) => told.push(`part ${String(part)}`),
        onWhole: () => (told.push('whole'), resolve()),
        onFact: (name, data) => told.push(`${name} ${JSON.stringify(data)}`),
      }),
    )
    return remote
  }

  function raw(): Promise<Socket> {
    const socket = connect(socketPath(folder, 's1'))
    socket.on('error', () => undefined)
    opened.push({ dispose: () => socket.destroy() })
    return once(socket, 'connect').then(() => socket)
  }

  /** A connection that was taken. */
  async function answered(): Promise<Socket> {
    const socket = await raw()
    await once(socket, 'data')
    return socket
  }

  const said = (text: string) => bus.emit('text.delta', { turn: 1, kind: 'text', text })

  it('tells the state, and from there on every fact once and in order', async () => {
    await host()
    snapshot = function* () {
      yield 'first'
      said('while the state is told')
      yield 'second'
    }
    const remote = await look()
    said('after it')
    await remote.ask('nothing')
    expect(told).to.deep.equal([
      'part first',
      'part second',
      'whole',
      'text.delta {"turn":1,"kind":"text","text":"while the state is told"}',
      'text.delta {"turn":1,"kind":"text","text":"after it"}',
    ])
  })

  it('takes intents, and tells no client of them', async () => {
    await host()
    const remote = await look()
    const prompts: string[] = []
    bus.on('prompt.submit', ({ text }) => void prompts.push(text))
    remote.send('prompt.submit', { text: 'go on' })
    await remote.ask('nothing')
    expect([prompts, told]).to.deep.equal([['go on'], ['part first', 'part second', 'whole']])
  })

  it('takes what a client says last, whatever is told to it meanwhile', async () => {
    await host()
    const commands: string[] = []
    bus.on('command.submit', ({ command }) => commands.push(command))
    for (let time = 0; time < 20; time++) {
      const remote = await look()
      remote.send('command.submit', { command: String(time) })
      const left = remote.dispose()
      for (let fact = 0; fact < 50; fact++) said('x'.repeat(10_000))
      await left
    }
    await look()
    expect(commands).to.deep.equal(Array.from({ length: 20 }, (_, time) => String(time)))
  })

  it('answers what is asked, with data and bytes, failures and all', async () => {
    await host()
    const remote = await look()
    expect(await remote.ask('double', Buffer.from([0, 255]))).to.deep.equal({
      twice: Buffer.from([0, 255, 0, 255]),
      of: 2,
    })
    const failed = await remote.ask('refuse').catch((error: unknown) => error)
    expect(failed).to.be.instanceOf(Failure).and.include({ code: 'missing', message: 'There is no such file.' })
    expect(await remote.ask('constructor').catch((error: Failure) => error.code)).to.equal('protocol')
  })

  it('knows which clients are screens, and when they go', async () => {
    await host()
    const view = await look('view')
    const screen = await look('screen')
    expect((await living([folder]))[0]).to.include({ screens: 1 })
    await screen.dispose()
    await screen.over
    while ((await living([folder]))[0]!.screens > 0);
    await view.dispose()
  })

  it('says that it has ended, and fails what was still asked', async () => {
    const one = await host()
    const remote = await look()
    await one.dispose()
    expect(await remote.over).to.deep.equal({ bye: 'The session has ended.', ended: true })
    expect(await remote.ask('nothing').catch((error: Failure) => error.code)).to.equal('network')
    expect(existsSync(socketPath(folder, 's1'))).to.equal(false)
  })

  it('never waits for a slow client: it gets the state anew once it reads again', async () => {
    await host()
    const socket = await raw()
    socket.pause()
    socket.write(`${JSON.stringify({ hello: { protocol, as: 'view' } })}\n`)
    const other = await look()
    const times: number[] = []
    for (let i = 0; i < 2_000; i++) {
      const from = performance.now()
      said('x'.repeat(10_000))
      times.push(performance.now() - from)
      if (i % 100 === 0) await other.ask('nothing')
    }
    snapshot = () => ['anew']
    expect(times.toSorted((a, b) => a - b)[1_000]).to.be.below(2)
    let text = ''
    socket.setEncoding('utf8')
    const caughtUp = new Promise<void>((resolve) =>
      socket.on('data', (piece: string) => {
        text += piece
        if (text.endsWith('{"part":"anew"}\n{"whole":true}\n')) resolve()
      }),
    )
    socket.resume()
    await caughtUp
    // Far less than the 20 MB that were said.
    expect(text.length).to.be.below(5_000_000)
  })

  it('does not pile up answers that nobody takes', async () => {
    await host()
    const socket = await raw()
    socket.pause()
    socket.write(`${JSON.stringify({ hello: { protocol, as: 'view' } })}\n`)
    const before = process.memoryUsage().rss
    for (let ask = 0; ask < 500; ask++) socket.write(`${JSON.stringify({ ask, method: 'large', args: [] })}\n`)
    const other = await look()
    for (let i = 0; i < 20; i++) await other.ask('nothing')
    expect(process.memoryUsage().rss - before).to.be.below(100e6)
  })

  describe('does no harm, and takes none, from a client that', () => {
    const greeting = `${JSON.stringify({ hello: { protocol, as: 'view' } })}\n`
    const hostile: [string, string | Buffer][] = [
      ['says garbage', randomBytes(5_000)],
      ['says garbage in a line', 'GET / HTTP/1.1\r\n\r\n'],
      ['says a greeting that never ends', '{'.repeat(1_000_000)],
      ['is of another version', `${JSON.stringify({ hello: { protocol: protocol + 1, as: 'view' } })}\n`],
      ['asks before it greets', `${JSON.stringify({ intent: 'app.quit', data: {} })}\n`],
      ['sends nothing that is an object', `${greeting}null\n`],
      [
        'sends an intent of a wrong shape',
        `${greeting}${JSON.stringify({ intent: 'prompt.submit', data: { text: 1 } })}\n`,
      ],
      ['sends more than an intent has', `${greeting}{"intent":"turn.cancel","data":{"__proto__":1,"x":2}}\n`],
      ['sends an intent that is none', `${greeting}${JSON.stringify({ intent: 'toString', data: {} })}\n`],
      ['sends a fact', `${greeting}${JSON.stringify({ intent: 'turn.ended', data: {} })}\n`],
      ['sends a message without an end', `${greeting}"${'x'.repeat(33 * 2 ** 20)}`],
    ]
    for (const [what, bytes] of hostile) {
      it(what, async () => {
        await host()
        const events: string[] = []
        const socket = await raw()
        const words = heard(socket)
        bus.onAny((name) => void events.push(name))
        socket.write(bytes)
        expect(await words).to.match(/"bye":"[^"]+","ended":false\}\n$/)
        const remote = await look()
        await remote.ask('nothing')
        expect(events).to.deep.equal([])
      })
    }

    it('is a thousand at once', async function () {
      this.timeout(20_000)
      await host()
      const first = await look()
      const crowd: Socket[] = []
      // As many at a time as the system lets wait.
      while (crowd.length < 1_000) crowd.push(...(await Promise.all(Array.from({ length: 100 }, answered))))
      await first.ask('nothing')
      const gone = crowd.map((socket) => (socket.closed ? undefined : once(socket, 'close')))
      for (const socket of crowd) socket.resume().end()
      await Promise.all(gone)
      await (await look()).ask('nothing')
    })
  })

  describe('has its socket', () => {
    it('where nobody else can reach it', async () => {
      mkdirSync(folder, { mode: 0o755 })
      await host()
      expect([statSync(folder).mode & 0o777, statSync(socketPath(folder, 's1')).mode & 0o777]).to.deep.equal([
        0o700, 0o600,
      ])
    })

    it('in a folder deeper than a socket path may be long', async function () {
      if (process.platform !== 'linux') this.skip()
      const deep = join(folder, 'd'.repeat(200))
      await host('s1', deep)
      await (await look('view', 's1', deep)).ask('nothing')
      expect((await living([deep])).map(({ session }) => session)).to.deep.equal(['s1'])
    })

    it('listed with those of others, the dead ones swept, and none of a folder that others can write to', async () => {
      await host('s1')
      await host('s2')
      // A process that was killed leaves its socket: one that is listened at and moved away looks the same.
      const dead = createServer()
      await new Promise<void>((resolve) => dead.listen(socketPath(folder, 'dead'), resolve))
      dead.unref()
      const { renameSync } = await import('node:fs')
      renameSync(socketPath(folder, 'dead'), socketPath(folder, 'old'))
      await new Promise((resolve) => dead.close(resolve))
      const found = (await living([folder, root.at('none')])).map(({ session }) => session)
      expect([found.toSorted(), existsSync(socketPath(folder, 'old'))]).to.deep.equal([['s1', 's2'], false])
      chmodSync(folder, 0o777)
      expect(await living([folder])).to.deep.equal([])
    })
  })
})

/** All that a socket says until it is closed. */
async function heard(socket: Socket): Promise<string> {
  let text = ''
  socket.setEncoding('utf8').on('data', (piece: string) => (text += piece))
  await new Promise((resolve) => socket.on('close', resolve)) // that it could not write to the end is well
  return text
}
