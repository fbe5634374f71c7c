import { type IncomingHttpHeaders, createServer, request } from 'node:http'
import { type AddressInfo, type Server, type Socket, connect, createServer as createTcp } from 'node:net'
import { join } from 'node:path'
import { expect } from 'chai'
import type { GateAnswer } from '../../lib/sandbox/gate.ts'
import { createProxy } from '../../lib/sandbox/proxy.ts'
import { Sockets } from '../../lib/sandbox/sockets.ts'
import { Folder } from '../support/folder.ts'
import { Rules, Site } from '../support/network.ts'

const owner = { uid: process.getuid!(), gid: process.getgid!() }

const open = (target: string) => `CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n\r\n`

const head = (url: string) => `GET ${url} HTTP/1.1\r\nHost: x\r\n\r\n`

describe('the proxy', () => {
  const folder = new Folder()
  let rules: Rules
  let sockets: Sockets
  let site: Site
  let heads: IncomingHttpHeaders[]
  let path: string

  beforeEach(async () => {
    rules = new Rules()
    heads = []
    site = await new Site((asking, response) => {
      heads.push(asking.headers)
      if (asking.url === '/away') return void response.writeHead(302, { location: 'http://other.example/' }).end()
      let body = ''
      asking.setEncoding('utf8').on('data', (piece: string) => (body += piece))
      asking.on('end', () => {
        response.setHeader('connection', 'x-hop, close')
        response.setHeader('x-hop', '1')
        response.end(`${asking.method} ${asking.url} ${body}`)
      })
    }).start()
    rules.names.set('site.example', ['127.0.0.1'])
    rules.allow = [`site.example:${site.port}`]
    sockets = await Sockets.open(folder.at('sockets'), owner)
    await sockets.listen('proxy', createProxy(rules.proxy))
    path = join(sockets.folder, 'proxy')
  })
  afterEach(async () => {
    await sockets.dispose()
    await site.stop()
  })

  interface Answered {
    status: number
    text: string
    headers: IncomingHttpHeaders
  }

  function get(url: string, options: { method?: string; headers?: Record<string, string>; body?: string[] } = {}) {
    const { method = 'GET', headers = {}, body = [] } = options
    return new Promise<Answered>((resolve, reject) => {
      const asking = request({ socketPath: path, path: url, method, headers: { host: 'liar.example', ...headers } })
      asking.on('error', reject)
      asking.on('response', (response) => {
        let text = ''
        response.setEncoding('utf8').on('data', (piece: string) => (text += piece))
        response.on('end', () => resolve({ status: response.statusCode!, text, headers: response.headers }))
      })
      for (const piece of body) asking.write(piece)
      asking.end()
    })
  }

  /** What comes back on a connection that says exactly this, until it ends. */
  function say(text: string, more?: (socket: Socket) => void): Promise<string> {
    return new Promise((resolve, reject) => {
      const socket = connect({ path })
      let heard = ''
      socket.setEncoding('latin1').on('data', (piece: string) => (heard += piece))
      socket.on('error', reject)
      socket.on('close', () => resolve(heard))
      socket.write(text)
      more?.(socket)
    })
  }

  it('fetches what is allowed, and says so before', async () => {
    const { status, text } = await get(`http://site.example:${site.port}/a?b=c`)
    expect({ status, text }).to.deep.equal({ status: 200, text: 'GET /a?b=c ' })
    expect(rules.decided()).to.deep.equal([`site.example:${site.port} allowed by config`])
  })

  it('names the host that was decided on, and keeps the headers of one connection to that one', async () => {
    const headers = { 'proxy-connection': 'keep-alive', connection: 'x-mine', 'x-mine': '1', 'x-other': '2' }
    const answered = await get(`http://site.example:${site.port}/`, { headers })
    expect(heads).to.deep.equal([{ host: `site.example:${site.port}`, connection: 'close', 'x-other': '2' }])
    expect(answered.headers['x-hop']).to.equal(undefined)
  })

  for (const method of ['POST', 'GET'])
    it(`carries a body in chunks, of a ${method} too`, async () => {
      const headers = { 'transfer-encoding': 'chunked' }
      const { text } = await get(`http://site.example:${site.port}/in`, { method, headers, body: ['one', 'two'] })
      expect(text).to.equal(`${method} /in onetwo`)
    })

  it('decides on each request of one connection, and on where a redirect leads', async () => {
    const heard = await say(head(`http://site.example:${site.port}/away`), (socket) =>
      socket.once('data', () => socket.write(head('http://other.example/'))),
    )
    expect(heard.match(/^HTTP\/1.1 .*$/gm)).to.deep.equal([
      'HTTP/1.1 302 Found',
      'HTTP/1.1 403 Drydock: other.example:80 is not allowed: the person said no',
    ])
    expect(rules.decided()).to.deep.equal([
      `site.example:${site.port} allowed by config`,
      'other.example:80 refused by no',
    ])
  })

  it('holds a request until the person has answered', async () => {
    let decide!: (answer: GateAnswer) => void
    const asked = new Promise<void>((resolve) => {
      rules.allow = []
      rules.answer = () => {
        resolve()
        return new Promise((answered) => (decide = answered))
      }
    })
    const waiting = get(`http://site.example:${site.port}/late`)
    await asked
    expect(site.asked).to.deep.equal([])
    expect(rules.looked).to.deep.equal([])
    decide('once')
    expect((await waiting).text).to.equal('GET /late ')
  })

  it('refuses a name that leads to a private address, allowed or not, and one private address among public ones', async () => {
    rules.strict = true
    rules.names.set('mixed.example', ['8.8.8.8', '10.0.0.1'])
    rules.allow.push('mixed.example:80')
    const direct = await get(`http://site.example:${site.port}/`)
    expect([direct.status, direct.text]).to.deep.equal([
      403,
      `Drydock: site.example:${site.port} is not allowed: site.example leads to 127.0.0.1, which is no public address.\n`,
    ])
    expect(await say(open('mixed.example:80'))).to.match(/^HTTP\/1.1 403 .*mixed.example leads to 10.0.0.1/)
    expect(rules.decided()).to.deep.equal([
      `site.example:${site.port} refused by address`,
      'mixed.example:80 refused by address',
    ])
    expect(site.asked).to.deep.equal([])
  })

  it('looks a name up once for a request, and connects to what it was told then', async () => {
    const answers = [['127.0.0.1'], ['127.0.0.2']]
    rules.proxy.lookup = async () => answers.shift()!
    expect((await get(`http://site.example:${site.port}/`)).text).to.equal('GET / ')
    expect(answers).to.deep.equal([['127.0.0.2']])
    expect((await get(`http://site.example:${site.port}/`)).status).to.equal(403)
  })

  it('asks before it looks a name up: a look-up would carry a message out', async () => {
    await get('http://secret-in-a-name.example/')
    expect([rules.asked, rules.looked]).to.deep.equal([['secret-in-a-name.example:80'], []])
  })

  for (const address of ['127.0.0.1', '[::1]', '2130706433', '8.8.8.8'])
    it(`refuses the address ${address} in every form`, async () => {
      rules.verdict = 'allow'
      const { status } = await get(`http://${address}:${site.port}/`)
      expect(status).to.equal(403)
      expect(await say(open(`${address}:${site.port}`))).to.match(/^HTTP\/1.1 403 .*addresses are never allowed/)
      expect(rules.decided().map((line) => line.split(' ').slice(1).join(' '))).to.deep.equal([
        'refused by address',
        'refused by address',
      ])
      expect(site.asked).to.deep.equal([])
    })

  const nonsense: [string, string][] = [
    ['a path alone', 'GET / HTTP/1.1\r\nHost: site.example\r\n\r\n'],
    ['https without CONNECT', 'GET https://site.example/ HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['a file', 'GET file:///etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['CONNECT to a path', open('/etc/passwd')],
    ['CONNECT without a port', open('site.example')],
  ]
  for (const [what, text] of nonsense)
    it(`answers ${what} with 400`, async () => expect(await say(text)).to.match(/^HTTP\/1.1 400 Drydock: /))

  const strange: [string, string][] = [
    ['a word that no header may hold', 'HTTP/1.1 200 O\x01K\r\n\r\n'],
    ['a status that is none', 'HTTP/1.1 000 x\r\n\r\n'],
    ['a status below all others', 'HTTP/1.1 099 x\r\n\r\n'],
    ['another protocol', 'HTTP/1.1 101 x\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n'],
    ['two lengths', 'HTTP/1.1 200 x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n'],
    ['nothing', ''],
  ]
  for (const [what, answer] of strange)
    it(`outlives a site that answers ${what}`, async () => {
      const odd = createTcp((socket) => {
        socket.on('error', () => socket.destroy())
        socket.once('data', () => socket.end(answer, 'latin1'))
      })
      await new Promise<void>((resolve) => odd.listen(0, '127.0.0.1', resolve))
      try {
        const { port } = odd.address() as AddressInfo
        rules.verdict = 'allow'
        const { status, text } = await get(`http://site.example:${port}/`)
        expect(status).to.equal(502)
        expect(text).to.match(/^Drydock: site\.example:\d+ (answered|broke off)/)
        expect((await get(`http://site.example:${site.port}/`)).status, 'the next').to.equal(200)
      } finally {
        await new Promise((resolve) => odd.close(resolve))
      }
    })

  it('lets go of what is no HTTP', async () => expect(await say('\x16\x03\x01\x02\x00\x01')).to.equal(''))

  it('says what it could not reach', async () => {
    const gone = await new Site(() => {}).start()
    const { port } = gone
    await gone.stop()
    rules.verdict = 'allow'
    expect(await say(open(`site.example:${port}`))).to.match(/^HTTP\/1.1 502 .*cannot be reached: ECONNREFUSED/)
    expect((await get('http://unknown.example/')).text).to.equal('Drydock: the name unknown.example was not found.\n')
  })

  it('sends nothing out where the request cannot be logged', async () => {
    rules.proxy.onRequest = () => {
      throw new Error('the disk is full')
    }
    const { status, text } = await get(`http://site.example:${site.port}/`)
    expect([status, text]).to.deep.equal([502, 'Drydock: the disk is full.\n'])
    expect(site.asked).to.deep.equal([])
  })

  describe('by CONNECT', () => {
    let echo: Server
    let target: string

    beforeEach(async () => {
      echo = createTcp({ allowHalfOpen: true }, (socket) => {
        socket.on('error', () => socket.destroy())
        socket.write('welcome ')
        socket.pipe(socket)
      })
      await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', resolve))
      target = `site.example:${(echo.address() as AddressInfo).port}`
      rules.allow.push(target)
    })
    afterEach(() => new Promise((resolve) => echo.close(resolve)))

    it('carries bytes both ways, and the end of each way by itself', async () => {
      const heard = await say(`${open(target)}early `, (socket) => socket.end('late'))
      expect(heard).to.equal('HTTP/1.1 200 Connection established\r\n\r\nwelcome early late')
    })

    it('carries a million bytes unharmed', async () => {
      const bytes = Buffer.alloc(1_000_003, 'drydock ').toString('latin1')
      const heard = await say(open(target), (socket) => socket.end(bytes, 'latin1'))
      expect(heard.slice(heard.indexOf('welcome ') + 8) === bytes).to.equal(true)
    })

    it('ends with the client, and with its own closing', async () => {
      const ended = new Promise<void>((resolve) => echo.once('connection', (socket) => socket.once('close', resolve)))
      const socket = connect({ path })
      socket.write(open(target))
      await new Promise((resolve) => socket.once('data', resolve))
      socket.destroy()
      await ended
      const left = say(open(target))
      await new Promise<void>((resolve) => echo.once('connection', () => resolve()))
      await sockets.dispose()
      expect(await left.catch(() => 'reset')).to.be.a('string')
      sockets = await Sockets.open(folder.at('sockets'), owner)
    })
  })

  it('listens where the path is longer than a socket may have', async () => {
    const deep = await Sockets.open(folder.at(`${'deep/'.repeat(40)}sockets`), owner)
    try {
      await deep.listen('proxy', createServer())
    } finally {
      await deep.dispose()
    }
  })
})
