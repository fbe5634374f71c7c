import { expect } from 'chai'
import { type Place, makePlace, runAgent } from '../support/agent.ts'
import { backends } from '../support/sandbox.ts'

/** What lets the programs of this machine log in, as the person's environment names it. */
const variables = ['SSH_AUTH_SOCK', 'DOCKER_CONFIG', 'GIT_ASKPASS', 'AWS_SECRET_ACCESS_KEY', 'NPM_TOKEN', 'NETRC']

/** And as it lies in their home. */
const files = ['.docker/config.json', '.ssh/id_ed25519', '.git-credentials', '.netrc', '.npmrc', '.aws/credentials']

const command = [
  'env -0 | grep -z hunter2',
  `cat ${files.map((file) => `~/${file} $SPEC_HOME/${file}`).join(' ')} 2>/dev/null`,
  'ls /var/run/docker.sock /run/docker.sock /run/user 2>/dev/null',
  'grep -rs hunter2 . /project /run /etc /home /root /tmp 2>/dev/null',
  'printf "protocol=https\\nhost=git.example.org\\n\\n" | git credential fill 2>/dev/null',
  'cat .env',
].join('; ')

for (const { backend, readyOrSkip } of backends) {
  describe(`the person's secrets, with ${backend} as the sandbox`, function () {
    this.timeout(120_000)
    let place: Place

    before(async function () {
      await readyOrSkip(this)
    })
    beforeEach(() => {
      place = makePlace(Object.fromEntries(variables.map((name) => [name, 'hunter2'])))
      for (const file of files) place.write(file, 'hunter2\n')
      place.write('.gitconfig', '[credential]\n\thelper = "!echo password=hunter2; :"\n')
      place.env['SPEC_HOME'] = place.home
      const config = `[sandbox]\nbackend = "${backend}"\nenv = ["SPEC_HOME"]\n`
      place.write('.config/drydock/config.toml', config)
    })
    afterEach(() => place.dispose())

    /** What the calls of one turn gave. */
    async function results(calls: { name: string; arguments: object }[], ...words: string[]): Promise<string[]> {
      const project = place.project({ '.env': 'TOKEN=hunter2\n', 'a.txt': 'a\n' })
      const turns = [...calls.map((call) => ({ calls: [call] })), { text: 'Done.' }]
      const script = place.write('script.toml', turns.map(tomlOf).join('\n'))
      const args = ['run', '--json', '--model', `script/${script}`, ...words, 'go']
      const { code, stdout, stderr } = await runAgent(args, { cwd: project, env: place.env })
      expect(code, stderr).to.equal(0)
      const events = stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { event: string; data: { text: string } })
      return events.filter(({ event }) => event === 'tool.ended').map(({ data }) => data.text)
    }

    it('are not there: no variable, no file of their home, no agent, no socket, and what the project has is masked', async () => {
      const [said] = await results([{ name: 'shell', arguments: { command } }])
      expect(said).to.not.contain('hunter2')
      expect(said).to.match(/^# Drydock hides this file from the sandbox/)
    })

    it('are shown for a turn where that was granted ahead, to the shell too, and masked at its end', async () => {
      const shell = { name: 'shell', arguments: { command: 'cat .env' } }
      const read = { name: 'read', arguments: { path: '.env' } }
      const masked = /^# Drydock hides/
      const [before, shown, after] = await results([shell, read, shell], '--allow', 'secrets')
      expect([masked.test(before!), shown!.split('\n')[0], after!.split('\n')[0]]).to.deep.equal([
        true,
        '1\tTOKEN=hunter2',
        'TOKEN=hunter2',
      ])
      expect((await results([shell]))[0]).to.match(masked)
    })
  })
}

function tomlOf(turn: { text?: string; calls?: { name: string; arguments: object }[] }): string {
  const said = turn.text === undefined ? '' : `text = ${JSON.stringify(turn.text)}\n`
  const calls = (turn.calls ?? []).map((call) => {
    const pairs = Object.entries(call.arguments).map(([key, value]) => `${key} = ${JSON.stringify(value)}`)
    return `[[turns.calls]]\nname = "${call.name}"\narguments = { ${pairs.join(', ')} }\n`
  })
  return `[[turns]]\n${said}${calls.join('')}`
}
