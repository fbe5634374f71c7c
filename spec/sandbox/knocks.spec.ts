import { randomBytes } from 'node:crypto'
import { type AddressInfo, type Server, createServer } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { expect } from 'chai'
import type { Network } from '../../lib/sandbox/network.ts'
import { Rules, Site, lacksSocat, startNetworked } from '../support/network.ts'
import { type Ready, type Started, backends } from '../support/sandbox.ts'

for (const { backend, readyOrSkip, people } of backends)
  describe(`sandbox ${backend}: a network where no socket of this machine can be seen`, function () {
    this.timeout(60_000)
    const { user } = people.at(-1)!
    const rules = new Rules()
    let problems: string[] = []
    const served = randomBytes(3_000_000)
    let ready: Ready
    let box: Started
    let network: Network
    let site: Site
    let service: Server

    before(async function () {
      ready = await readyOrSkip(this)
      site = await new Site(async (request, response) => {
        if (request.method === 'POST') response.end(`got ${(await buffer(request)).length}`)
        else response.end(request.url === '/large' ? served : `hello ${request.url}`)
      }).start()
      rules.names.set('allowed.example', ['127.0.0.1'])
      rules.allow = [`allowed.example:${site.port}`]
      service = createServer((socket) => socket.once('data', (said) => socket.end(`heard ${said}`)))
      await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve))
      const options = { user, crosses: false, rules, service, onPorts: () => {} }
      ;({ network, box, problems } = await startNetworked(ready, options))
      if (lacksSocat(ready, problems)) this.skip()
    })
    after(async () => {
      await network?.dispose()
      await box?.stop()
      await site?.stop()
      service?.close()
      expect(problems).to.deep.equal([])
    })

    const python = async (program: string) => {
      await box.sandbox.files.write('/tmp/program.py', Buffer.from(program))
      const { stdout, stderr } = await box.sh('python3 /tmp/program.py')
      return (stdout + stderr).trim().split('\n').at(-1)
    }
    const get = (path: string, print: string) =>
      `import urllib.request as u\nbody = u.urlopen('http://allowed.example:${site.port}${path}').read()\nprint(${print})`

    it('has nothing of this machine in it', async () => {
      expect((await box.sh('ls /run/drydock 2>&1; tail -n +3 /proc/net/dev | sed "s/:.*//; s/ //g"')).stdout).to.match(
        /No such file or directory\nlo\n$/,
      )
    })

    it('leads to a name that is allowed, and says why it refuses another', async () => {
      expect(await python(get('/a', 'body.decode()'))).to.equal('hello /a')
      rules.answer = async () => 'no'
      expect(await python(`import urllib.request as u; u.urlopen('http://asked.example/')`)).to.match(
        /403: Drydock: asked.example:80 is not allowed: the person said no/,
      )
      expect(rules.decided()).to.deep.equal([
        `allowed.example:${site.port} allowed by config`,
        'asked.example:80 refused by no',
      ])
      rules.asked.splice(0)
    })

    it('carries much both ways, and many at a time', async () => {
      const sum = served.reduce((total, byte) => total + byte, 0)
      expect(await python(get('/large', 'sum(body)'))).to.equal(String(sum))
      const post = `import urllib.request as u
print(u.urlopen('http://allowed.example:${site.port}/', data=b'x' * 3_000_000).read().decode())`
      expect(await python(post)).to.equal('got 3000000')
      const many = `import urllib.request as u, concurrent.futures as f
get = lambda n: u.urlopen(f'http://allowed.example:${site.port}/{n}').read().decode()
print(sum(text == f'hello /{n}' for n, text in enumerate(f.ThreadPoolExecutor(30).map(get, range(60)))))`
      expect(await python(many)).to.equal('60')
      rules.decided()
    })

    it('brings a service in at its address', async () => {
      const { port } = service.address() as AddressInfo
      const program = `import socket
there = socket.create_connection(('localhost', ${port}), 5)
there.sendall(b'a question'); print(there.recv(99).decode())`
      expect(await python(program)).to.equal('heard a question')
    })

    for (const [what, ending] of [
      ['what leads out', "pkill -KILL socat; pkill -KILL -f '[p]orter'"],
      ['only what tells of knocks', "pkill -KILL -f '[p]orter'"],
      ['only what waits at the doors', 'pkill -KILL socat'],
    ] as const)
      it(`is mended when somebody inside ends ${what}`, async () => {
        await box.sh(ending)
        await box.sandbox.files.write('/tmp/again.py', Buffer.from(get('/again', 'body.decode()')))
        const { stdout } = await box.sh(
          'for try in {1..100}; do timeout 2 python3 /tmp/again.py 2>/dev/null && exit; sleep 0.1; done',
        )
        expect(stdout.trim()).to.equal('hello /again')
        rules.decided()
      })

    // An embedded one's is a socket, which nobody can open.
    if (backend === 'container')
      it('takes no harm from knocks that nobody waits behind', async () => {
        const { port } = service.address() as AddressInfo
        const said = `for n in {1..1000}; do printf '+ 3128 %d\\n+ ${port} 1\\n+ 22 9\\n+ 3128 x; id\\n' $n; done`
        // The porter's own standard output, which whoever works inside may write to.
        const told = await box.sh(`for pid in $(pgrep -f '[p]orter'); do (${said}) >/proc/$pid/fd/1; done`)
        expect(told.exit.code, told.stderr).to.equal(0)
        await box.sandbox.files.write('/tmp/after.py', Buffer.from(get('/after', 'body.decode()')))
        const { stdout } = await box.sh(
          'for try in {1..100}; do timeout 5 python3 /tmp/after.py 2>/dev/null && exit; sleep 0.1; done',
        )
        expect(stdout.trim()).to.equal('hello /after')
        rules.decided()
      })
  })
