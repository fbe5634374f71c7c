import { expect } from 'chai'
import { readFileSync, readdirSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { type Place, agentPath, eventsOf, makePlace, runAgent } from '../support/agent.ts'
import { type ModelServer, type ModelServerOptions, startModelServer } from '../support/model-server.ts'
import { engineOrSkip } from '../support/sandbox.ts'
import { openTerminal, takesAnswers } from '../support/virtual-terminal.ts'

const fetching = (url: string) => `python3 -c "import urllib.request as u; u.urlopen('${url}')" 2>&1 | tail -1`

describe('what agent run may reach', function () {
  this.timeout(60_000)
  let place: Place
  let project: string
  let server: ModelServer
  let served: ModelServerOptions

  before(async function () {
    await engineOrSkip(this)
  })
  beforeEach(async () => {
    served = { turns: [] }
    server = await startModelServer(served)
    place = makePlace({ OPENAI_API_KEY: 'sk-spec', OPENAI_BASE_URL: server.url })
    project = place.project({ 'a.txt': 'one\n' })
  })
  afterEach(async () => {
    await server?.close()
    place?.dispose()
  })

  /** Runs a command as the model's, and gives its output and what the log says of the network. */
  async function run(command: string, ...flags: string[]) {
    served.turns = [{ calls: [{ name: 'shell', arguments: { command } }] }, { text: 'Done.' }]
    const args = ['run', '--json', '--model', 'openai/spec', ...flags, 'x']
    const { stdout, stderr } = await runAgent(args, { cwd: project, env: place.env })
    const events = eventsOf(stdout)
    const { text } = events.find(({ event }) => event === 'tool.ended')!.data as { text: string }
    const requested = events.flatMap(({ event, data }) => (event === 'network.requested' ? [data] : []))
    return { text, requested, stderr }
  }

  it('is nothing that nobody allowed, and the model is told why', async () => {
    const { text, requested } = await run(fetching('http://packages.example/'))
    expect(text).to.include('HTTP Error 403: Drydock: packages.example:80 is not allowed: Nobody is here to answer')
    expect(text).to.include('Grant it ahead with --allow network.')
    expect(requested).to.deep.equal([{ host: 'packages.example', port: 80, allowed: false, by: 'no' }])
  })

  it('is no address, granted or not', async () => {
    const { requested } = await run(fetching('http://169.254.169.254/latest/'), '--allow', 'network')
    expect(requested).to.deep.equal([{ host: '169.254.169.254', port: 80, allowed: false, by: 'address' }])
  })

  it('is nothing at all, without a question, where the policy denies it', async () => {
    place.write('.config/drydock/config.toml', '[policy]\nnetwork = "deny"\n')
    const { text, requested } = await run(`env | grep -ci proxy; ${fetching('http://packages.example/')}`)
    expect(text).to.match(/^0\n.*URLError/)
    expect(requested).to.deep.equal([])
  })

  it('is a service of this machine that the person named', async () => {
    const service = createServer((socket) => socket.end('the service\n'))
    await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve))
    const { port } = service.address() as AddressInfo
    place.write('.config/drydock/config.toml', `[sandbox]\nservices = ["localhost:${port}"]\n`)
    expect((await run(`exec 3<>/dev/tcp/localhost/${port} && cat <&3`)).text).to.equal('the service\n')
    service.close()
  })

  it('is asked on the screen while the command waits, kept in the log, and a port answers here on one key', async () => {
    place.write('.config/drydock/config.toml', 'model = "openai/spec"\n')
    const argv = [process.execPath, agentPath]
    const terminal = openTerminal({ argv, cwd: project, env: place.env, cols: 110, rows: 30 })
    try {
      await terminal.waitFor('ready', 30_000)
      terminal.type('!python3 -m http.server 8234 >/dev/null 2>&1 &\r')
      await terminal.waitFor(':8234 alt+o', 30_000)
      terminal.press('alt+o')
      const local = () => /127\.0\.0\.1:(\d+)/.exec(terminal.screen().at(-1)!)?.[1]
      await terminal.waitFor(() => local() !== undefined)
      expect(await (await fetch(`http://127.0.0.1:${local()}/a.txt`)).text()).to.equal('one\n')

      terminal.type(`!${fetching('http://packages.example/')}\r`)
      await terminal.waitFor('Let the sandbox reach packages.example:80?', 10_000)
      await terminal.waitFor('this project')
      await terminal.waitFor(takesAnswers)
      const rows = terminal.screen()
      const row = rows.findIndex((text) => text.includes('this project'))
      terminal.click(rows[row]!.indexOf('n no'), row)
      await terminal.waitFor('the person said no', 10_000)
      const sessions = join(place.home, '.local/share/drydock/sessions')
      const [log] = readdirSync(sessions, { recursive: true, encoding: 'utf8' }).filter((name) =>
        name.endsWith('.jsonl'),
      )
      const logged = eventsOf(readFileSync(join(sessions, log!), 'utf8'))
      expect(logged.flatMap(({ event, data }) => (event === 'network.requested' ? [data] : []))).to.deep.equal([
        { host: 'packages.example', port: 80, allowed: false, by: 'no' },
      ])
      terminal.press('ctrl+d')
      expect(await terminal.exit).to.equal(0)
    } finally {
      terminal.dispose()
    }
  })
})
