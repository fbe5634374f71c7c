import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect } from 'chai'
import { Network } from '../../lib/sandbox/network.ts'
import type { Port } from '../../lib/core/events.ts'
import { Rules, Site } from '../support/network.ts'
import {
  type EngineAndImage,
  type Started,
  engineOrSkip,
  makeGrounds,
  people,
  startSandbox,
} from '../support/sandbox.ts'

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

describe('sandbox network', function () {
  this.timeout(60_000)
  let ready: EngineAndImage

  before(async function () {
    ready = await engineOrSkip(this)
  })

  for (const { who, user } of people) {
    describe(`working as ${who}`, () => {
      const rules = new Rules()
      const heard = new Heard()
      const problems: string[] = []
      let box: Started
      let network: Network
      let site: Site
      let service: ReturnType<typeof createServer>

      before(async () => {
        site = await new Site((request, response) => {
          if (request.url === '/away') response.writeHead(302, { location: 'http://forbidden.example/' }).end()
          else response.end(`hello ${request.url}`)
        }).start()
        rules.names.set('allowed.example', ['127.0.0.1'])
        rules.names.set('asked.example', ['127.0.0.1'])
        rules.allow = [`allowed.example:${site.port}`]
        service = createServer((socket) => socket.end('the service'))
        await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve))
        const grounds = await makeGrounds(user)
        network = await Network.open({
          folder: join(grounds.folder, 'run', 'sockets'),
          owner: user,
          proxy: rules.proxy,
          services: [`localhost:${(service.address() as AddressInfo).port}`],
          onPorts: heard.onPorts,
          onProblem: ({ message }) => problems.push(message),
        })
        box = await startSandbox(ready, { grounds, user, sockets: network.folder, env: network.env })
        await network.attach(box.sandbox)
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
      const fetch = (url: string) =>
        output(`python3 -c "import urllib.request as u; print(u.urlopen('${url}').read().decode())" 2>&1 | tail -1`)

      it('leads python to a name that is allowed', async () => {
        expect(await fetch(`http://allowed.example:${site.port}/a`)).to.equal('hello /a')
        expect(rules.decided()).to.deep.equal([`allowed.example:${site.port} allowed by config`])
      })

      it('brings a service in at its address', async () => {
        const { port } = service.address() as AddressInfo
        const program = `import socket; print(socket.create_connection(('localhost', ${port}), 5).recv(99).decode())`
        expect(await output(`python3 -c "${program}"`)).to.equal('the service')
      })

      it('notices a port within a second, and lets it answer here', async () => {
        const stop = new AbortController()
        const running = box.sh('echo inside > page; exec python3 -m http.server 8123', { signal: stop.signal })
        const ports = await heard.until((all) => all.length > 0)
        expect(ports).to.deep.equal([{ port: 8123 }])
        const local = await network.open(8123)
        expect(await (await globalThis.fetch(`http://127.0.0.1:${local}/page`)).text()).to.equal('inside\n')
        expect(heard.ports).to.deep.equal([{ port: 8123, local }])
        stop.abort()
        await running
        expect(await heard.until((all) => all.length === 0)).to.deep.equal([])
      })
    })
  }
})
