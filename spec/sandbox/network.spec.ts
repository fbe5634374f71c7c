import { createHash } from 'node:crypto'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { gzipSync } from 'node:zlib'
import { expect } from 'chai'
import { pack } from 'tar-stream'
import type { Port } from '../../lib/core/events.ts'
import type { GateAnswer } from '../../lib/sandbox/gate.ts'
import { Network } from '../../lib/sandbox/network.ts'
import { Rules, Site, lacksSocat, startNetworked } from '../support/network.ts'
import { type Ready, type Started, backends, failureCode, makeGrounds, startSandbox } from '../support/sandbox.ts'

/** Hears the ports that listen inside, and waits for what it is asked for. */
class Heard {
  ports: Port[] = []
  private waiting: (() => void)[] = []

  readonly onPorts = (ports: Port[]): void => {
    this.ports = ports
    for (const one of this.waiting.splice(0)) one()
  }

  async until(holds: (ports: Port[]) => boolean): Promise<Port[]> {
    while (!holds(this.ports)) await new Promise<void>((resolve) => this.waiting.push(resolve))
    return this.ports
  }
}

for (const { backend, readyOrSkip, people } of backends)
  describe(`sandbox ${backend}: network`, function () {
    this.timeout(60_000)
    let ready: Ready

    before(async function () {
      ready = await readyOrSkip(this)
    })

    for (const { who, user } of people) {
      describe(`working as ${who}`, () => {
        const rules = new Rules()
        const heard = new Heard()
        let problems: string[] = []
        let box: Started
        let network: Network
        let site: Site
        let service: ReturnType<typeof createServer>

        before(async function () {
          site = await new Site((request, response) => {
            if (request.url === '/away') response.writeHead(302, { location: 'http://forbidden.example/' }).end()
            else response.end(`hello ${request.url}`)
          }).start()
          rules.names.set('allowed.example', ['127.0.0.1'])
          rules.names.set('asked.example', ['127.0.0.1'])
          rules.allow = [`allowed.example:${site.port}`]
          service = createServer((socket) => socket.end('the service'))
          await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve))
          const options = { user, crosses: true, rules, service, onPorts: heard.onPorts }
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

        const output = async (command: string) => {
          const { stdout, stderr } = await box.sh(command)
          return (stdout + stderr).trim()
        }
        const fetched = (url: string) =>
          output(`python3 -c "import urllib.request as u; print(u.urlopen('${url}').read().decode())" 2>&1 | tail -1`)

        it('leads python to a name that is allowed', async () => {
          expect(await fetched(`http://allowed.example:${site.port}/a`)).to.equal('hello /a')
          expect(rules.decided()).to.deep.equal([`allowed.example:${site.port} allowed by config`])
        })

        it("leads node's own fetch there where it is told to heed the proxy", async function () {
          if (Number(await output('node -p "parseInt(process.versions.node)"')) < 22) return this.skip()
          const program = `fetch('http://allowed.example:${site.port}/node').then((r) => r.text()).then(console.log)`
          expect(await output(`NODE_USE_ENV_PROXY=1 node --no-warnings -e "${program}"`)).to.equal('hello /node')
          expect(rules.decided()).to.deep.equal([`allowed.example:${site.port} allowed by config`])
        })

        it('leads a tunnel there, too', async () => {
          const program = `
import http.client
connection = http.client.HTTPConnection('127.0.0.1', 3128)
connection.set_tunnel('allowed.example', ${site.port})
connection.request('GET', '/tunnel')
print(connection.getresponse().read().decode())`
          await box.sandbox.files.write('/tmp/tunnel.py', Buffer.from(program))
          expect(await output('python3 /tmp/tunnel.py')).to.equal('hello /tunnel')
          expect(rules.decided()).to.deep.equal([`allowed.example:${site.port} allowed by config`])
        })

        it('lets npm install from a registry, once the person has said yes', async () => {
          const registry = await registryOf('left-kit', { 'index.js': 'module.exports = 42' })
          rules.names.set('registry.example', ['127.0.0.1'])
          const name = `registry.example:${registry.port}`
          let say!: (answer: GateAnswer) => void
          const asked = new Promise<void>((resolve) => {
            rules.answer = () => {
              resolve()
              return new Promise((answered) => (say = answered))
            }
          })
          const install = `npm install --no-audit --no-fund --no-update-notifier --registry http://${name} left-kit`
          const installed = box.sh(`mkdir -p /tmp/npm && cd /tmp/npm && ${install} && node -p "require('left-kit')"`)
          await asked
          expect(registry.asked).to.deep.equal([])
          say('once')
          const { stdout, stderr } = await installed
          expect(stdout.trim().split('\n').at(-1), stderr).to.equal('42')
          expect(registry.asked.map((line) => line.split(' ')[1])).to.include('/left-kit')
          expect(new Set(rules.decided())).to.deep.equal(new Set([`${name} allowed by once`]))
          expect(rules.asked.splice(0)).to.deep.equal([name])
          await registry.stop()
        })

        it('says why it refuses, in the words that programs show', async () => {
          rules.answer = async () => 'no'
          expect(await fetched(`http://asked.example:${site.port}/`)).to.equal(
            `urllib.error.HTTPError: HTTP Error 403: Drydock: asked.example:${site.port} is not allowed: the person said no`,
          )
          expect(rules.decided()).to.deep.equal([`asked.example:${site.port} refused by no`])
        })

        it('follows no redirect to where it may not go', async () => {
          expect(await fetched(`http://allowed.example:${site.port}/away`)).to.match(
            /403: Drydock: forbidden.example:80/,
          )
          expect(rules.decided()).to.deep.equal([
            `allowed.example:${site.port} allowed by config`,
            'forbidden.example:80 refused by no',
          ])
        })

        it('has no other way out: no interface but lo, no route, no name server, the sockets read-only', async () => {
          expect(await output("tail -n +3 /proc/net/dev | sed 's/:.*//; s/ //g'; tail -n +2 /proc/net/route")).to.equal(
            'lo',
          )
          const direct = `import socket; socket.create_connection(('allowed.example', ${site.port}), 3)`
          expect(await output(`python3 -c "${direct}" 2>&1 | tail -1`)).to.match(/gaierror/)
          const local = `import socket; socket.create_connection(('127.0.0.1', ${site.port}), 3)`
          expect(await output(`python3 -c "${local}" 2>&1 | tail -1`)).to.match(/Connection refused/)
          expect(await output('touch /run/drydock/x; rm -f /run/drydock/proxy; ls /run/drydock')).to.match(
            /^proxy\nservice-\d+\n.*Read-only file system\n.*Read-only file system$/,
          )
        })

        it('brings a service in at its address', async () => {
          const { port } = service.address() as AddressInfo
          const program = `import socket; print(socket.create_connection(('localhost', ${port}), 5).recv(99).decode())`
          expect(await output(`python3 -c "${program}"`)).to.equal('the service')
        })

        it('is mended when somebody inside ends what leads out', async () => {
          await box.sh("pkill -KILL socat; pkill -KILL -f '[p]orter'")
          const program = `import urllib.request as u; print(u.urlopen('http://allowed.example:${site.port}/again').read().decode())`
          const patient = `for try in {1..100}; do python3 -c "${program}" 2>/dev/null && exit; sleep 0.1; done`
          expect(await output(patient)).to.equal('hello /again')
          rules.decided()
        })

        for (const bind of ['127.0.0.1', '0.0.0.0', '::1', '127.0.0.9'])
          it(`notices a port at ${bind} within a second, and lets it answer here`, async function () {
            if (bind === '::1' && (await output('cat /proc/net/if_inet6')) === '') return this.skip()
            const stop = new AbortController()
            const { signal } = stop
            const begun = performance.now()
            let bound = 0
            const server = `echo inside > page; python3 -u -m http.server 0 --bind ${bind}`
            const running = box.sandbox.run(['bash', '-c', server], {
              signal,
              onOutput: () => (bound ||= performance.now()),
            })
            const [{ port }] = (await heard.until((all) => all.length > 0)) as [Port]
            expect(performance.now() - (bound || begun)).to.be.lessThan(1000)
            const local = await network.open(port)
            expect(await (await fetch(`http://127.0.0.1:${local}/page`)).text()).to.equal('inside\n')
            expect(heard.ports).to.deep.equal([{ port, local }])
            stop.abort()
            await running
            expect(await heard.until((all) => all.length === 0)).to.deep.equal([])
          })

        it('takes the next port here where the same is taken, and opens each once', async () => {
          const taken = createServer()
          await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
          const { port } = taken.address() as AddressInfo
          const stop = new AbortController()
          const running = box.sh(`exec python3 -m http.server ${port}`, { signal: stop.signal })
          await heard.until((all) => all.length > 0)
          const [one, other] = await Promise.all([network.open(port), network.open(port)])
          expect(one).to.equal(other)
          expect(one).to.be.greaterThan(port)
          stop.abort()
          await running
          await heard.until((all) => all.length === 0)
          taken.close()
        })

        it('carries a lot through a port, only as fast as it is read, and many at a time', async () => {
          const server = `
const server = require('http').createServer((_, answer) => answer.end(Buffer.alloc(20_000_000, 'x')))
server.listen(8200, '127.0.0.1')`
          await box.sandbox.files.write('/tmp/large.cjs', Buffer.from(server))
          const stop = new AbortController()
          const running = box.sh('exec node /tmp/large.cjs', { signal: stop.signal })
          await heard.until((all) => all.length > 0)
          const local = await network.open(8200)
          const sizes = await Promise.all(
            [1, 2, 3, 4].map(async () => (await (await fetch(`http://127.0.0.1:${local}/`)).arrayBuffer()).byteLength),
          )
          expect(sizes).to.deep.equal([20_000_000, 20_000_000, 20_000_000, 20_000_000])
          stop.abort()
          await running
          await heard.until((all) => all.length === 0)
        })

        it('opens no port that nothing listens on', async () => {
          expect(await failureCode(network.open(9))).to.equal('missing')
        })
      })
    }

    it('leads nowhere, and names no proxy, where nothing may get out', async () => {
      const [{ user }] = people as [(typeof people)[number]]
      const grounds = await makeGrounds(user)
      const folder = join(grounds.folder, 'sockets')
      const nothing = { crosses: true, services: [], onPorts: () => {}, onProblem: () => {} }
      const network = await Network.open({ folder, owner: user, ...nothing })
      const box = await startSandbox(ready, { grounds, user, sockets: network.folder, env: network.env })
      await network.attach(box.sandbox)
      expect((await box.sh('env | grep -i proxy; ls /run/drydock; ps -eo comm= | grep socat')).stdout).to.equal('')
      await network.dispose()
      await box.stop()
    })
  })

/** A registry of npm's with one package, which has these files. */
async function registryOf(name: string, files: Record<string, string>): Promise<Site> {
  const tar = pack()
  const manifest = { name, version: '1.0.0' }
  for (const [file, text] of Object.entries({ 'package.json': JSON.stringify(manifest), ...files }))
    tar.entry({ name: `package/${file}` }, text)
  tar.finalize()
  const tarball = gzipSync(await buffer(tar))
  const integrity = `sha512-${createHash('sha512').update(tarball).digest('base64')}`
  const site = new Site((request, response) => {
    if (request.url!.endsWith('.tgz')) return void response.end(tarball)
    const dist = { tarball: `http://registry.example:${site.port}/${name}.tgz`, integrity }
    response.setHeader('content-type', 'application/json')
    response.end(
      JSON.stringify({ name, 'dist-tags': { latest: '1.0.0' }, versions: { '1.0.0': { ...manifest, dist } } }),
    )
  })
  return site.start()
}
