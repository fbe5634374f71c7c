import { expect } from 'chai'
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { spawnSync } from 'node:child_process'
import { dirname, join } from 'node:path'
import { projectFolder } from '../../lib/workspace/workspaces.ts'
import { type Place, type RunningAgent, agentPath, makePlace, runAgent, startAgent } from '../support/agent.ts'
import { type ModelServer, type ModelServerOptions, startModelServer } from '../support/model-server.ts'
import { embeddedOrSkip } from '../support/sandbox.ts'
import { openTerminal } from '../support/virtual-terminal.ts'

async function end({ child, ended }: RunningAgent): Promise<void> {
  child.kill('SIGTERM')
  await ended
}

/** Without an engine: what is told here has nothing to do with one. */
describe('several workspaces of a project', function () {
  this.timeout(60_000)
  let place: Place
  let project: string
  let server: ModelServer
  const served: ModelServerOptions = { turns: [] }
  const running: RunningAgent[] = []

  before(async function () {
    await embeddedOrSkip(this)
    server = await startModelServer(served)
  })
  beforeEach(() => {
    place = makePlace({ OPENAI_API_KEY: 'key-of-a-spec', OPENAI_BASE_URL: server.url })
    place.env['DOCKER_HOST'] = `unix://${join(place.home, 'none.sock')}`
    project = place.project({ 'a.txt': 'one\n' })
  })
  afterEach(async () => {
    for (const agent of running.splice(0)) {
      agent.child.kill('SIGKILL')
      await agent.ended
    }
    place?.dispose()
  })
  after(() => server?.close())

  const agent = (...args: string[]) => runAgent(args, { cwd: project, env: place.env })
  const turn = async (command: string, ...flags: string[]) => {
    served.turns = [{ calls: [{ name: 'shell', arguments: { command } }] }, { text: 'Done.' }]
    const ended = await agent('run', '--model', 'openai/spec', ...flags, 'x')
    expect(ended, ended.stderr).to.include({ code: 0 })
    return ended
  }
  /** A session whose command has done its work, and goes on. */
  const atWork = async (command: string) => {
    served.turns = [{ calls: [{ name: 'shell', arguments: { command: `${command}; echo at work; sleep 100` } }] }]
    const args = ['run', '--json', '--model', 'openai/spec', 'x']
    const session = startAgent(args, { cwd: project, env: place.env })
    running.push(session)
    await session.saw('at work\\n')
    return session
  }
  const data = () => join(place.home, '.local/share/drydock')
  const stores = () => join(projectFolder(data(), project), 'workspaces')
  /** What differs by its nature, out of a list. */
  const listed = async (...args: string[]) => {
    const { stdout } = await agent('workspaces', ...args)
    return stdout
      .replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d/g, 'DATE')
      .replaceAll(/\d+\.\d [MG]B/g, 'SIZE')
      .replaceAll(/process \d+/g, 'process PID')
      .split('\n')
      .map((line) => line.split(/ {2,}/).join(' | '))
      .slice(0, -1)
  }

  it('are one for each session at work, which do not see each other', async () => {
    const first = await atWork('echo first > a.txt; echo first > ~/kept')
    const second = await turn('cat a.txt; test -e ~/kept || echo nothing kept; echo second >> a.txt')
    expect(second.stderr).to.contain('\n● workspace 2\n')
    expect(second.stderr).to.contain('`agent diff --workspace 2` shows it, `agent apply --workspace 2` writes it.')
    expect(server.requests.at(-1)!.body.messages.at(-1).content).to.match(/^one\nnothing kept\n/)
    expect((await agent('diff')).stdout, 'that of the session that is over').to.contain('+second\n')
    await end(first)
    const asked = await agent('diff')
    expect(asked).to.include({
      code: 2,
      stderr: 'The workspaces main, 2 have changes: say which one you mean with --workspace NAME.\n',
    })
    expect((await agent('diff', '--workspace', 'main')).stdout).to.contain('+first\n')
    expect(readFileSync(join(project, 'a.txt'), 'utf8')).to.equal('one\n')
  })

  it('are undone, discarded and listed each for itself', async () => {
    await turn('echo two > a.txt', '--apply')
    await turn('echo b > b.txt', '--workspace', 'side')
    expect((await agent('checkpoints')).stderr, 'changes count before checkpoints').to.equal('● workspace side\n')
    const undo = await agent('undo', '--workspace', 'main', '--yes')
    expect(undo, undo.stderr).to.include({ code: 0 })
    expect(readFileSync(join(project, 'a.txt'), 'utf8')).to.equal('one\n')
    const discard = await agent('discard', '--yes')
    expect(discard.stderr).to.match(
      /^● workspace side\nA b\.txt \+1 −0\ndiscarded b\.txt\n.*--workspace side --restore/m,
    )
    const none = await agent('apply', '--workspace', 'nowhere')
    expect(none).to.include({ code: 1, stderr: 'This project has no workspace nowhere: there are main, side.\n' })
  })

  it('are listed with what they hold, and who is at work in them', async () => {
    expect(await agent('workspaces')).to.deep.include({
      code: 0,
      stdout: '',
      stderr: 'There are no workspaces yet: the first session makes one.\n',
    })
    await turn('echo a > a.txt; echo b > b.txt', '--workspace', 'fix')
    const session = await atWork('true')
    expect(await listed()).to.deep.equal([
      'NAME | PROJECT | STATE | SIZE | LAST USED',
      'main | ~/project | in use by process PID | SIZE | DATE',
      'fix | ~/project | 2 files unapplied | SIZE | DATE',
    ])
    const [main, fix] = (await agent('workspaces', '--json')).stdout
      .split('\n')
      .slice(0, 2)
      .map((line) => JSON.parse(line))
    expect(main).to.include({ project, name: 'main', gone: false, pid: session.child.pid, unapplied: 0 })
    expect(fix).to.include({ project, name: 'fix', gone: false, unapplied: 2 }).and.not.have.property('pid')
  })

  it('are pruned after a yes to the list, those with unapplied work only where their project is gone', async () => {
    await turn('echo a > a.txt', '--workspace', 'work')
    await turn('true')
    const prune = async (cwd: string, question: string) => {
      const terminal = openTerminal({
        argv: [process.execPath, agentPath, 'workspaces', 'prune'],
        cwd,
        env: place.env,
        cols: 120,
      })
      try {
        await terminal.waitFor(question, 30_000)
        terminal.type('y\r')
        expect(await terminal.exit).to.equal(0)
        return terminal.screen().join('\n')
      } finally {
        terminal.dispose()
      }
    }
    expect(await prune(project, 'Nothing in them is unapplied. Remove them? [y/N]'))
      .to.match(/^NAME +PROJECT +STATE +SIZE +LAST USED\nmain +~\/project +empty /)
      .and.match(/^removed main of ~\/project$/m)
    expect((await listed()).slice(1)).to.deep.equal(['work | ~/project | 1 file unapplied | SIZE | DATE'])
    renameSync(project, `${project}-moved`)
    const gone = await runAgent(['workspaces', 'prune', '--yes'], { cwd: place.home, env: place.env })
    expect(gone.stderr).to.match(/^kept work of ~\/project: it has work that was never applied\.$/m)
    expect(existsSync(join(stores(), 'work'))).to.equal(true)
    expect(await prune(place.home, 'this work was never applied. Remove it for good? [y/N]'))
      .to.match(/^work +~\/project +1 file unapplied, project gone /m)
      .and.match(/^removed work of ~\/project$/m)
    expect(existsSync(join(stores(), 'work'))).to.equal(false)
  })

  it('are removed after a yes to what is lost, and renamed', async () => {
    await turn('echo a > a.txt', '--workspace', 'old')
    expect((await agent('workspaces', 'rename', 'old', 'new')).code).to.equal(0)
    const asked = await agent('workspaces', 'remove', 'new')
    expect(asked.code).to.equal(4)
    expect(asked.stderr).to.match(/^M a\.txt \+1 −1\nNobody is here to answer "This is not in the project\./)
    place.write('.config/drydock/config.toml', '[policy]\ndiscard = "deny"\n')
    expect((await agent('workspaces', 'remove', 'new', '--yes')).stderr).to.match(/the policy denies/)
    place.write('.config/drydock/config.toml', '')
    expect(await agent('workspaces', 'remove', 'new', '--yes')).to.deep.include({
      code: 0,
      stderr: 'M a.txt +1 −1\nremoved new\n',
    })
    expect(await listed()).to.deep.equal([])
  })

  it('are kept for what the agent committed, too', async () => {
    const commit = 'git init -q && git add . && git -c user.name=x -c user.email=x@localhost commit -qm first'
    expect(spawnSync('sh', ['-c', commit], { cwd: project, env: place.env }).status).to.equal(0)
    await turn('git commit --allow-empty -qm nothing')
    await turn('git checkout -q -b other && git checkout -q -', '--workspace', 'idle')
    const pruned = await agent('workspaces', 'prune', '--yes')
    expect(pruned.stderr)
      .to.match(/^removed idle of /m)
      .and.not.match(/^removed main of /m)
    expect((await listed()).slice(1)).to.deep.equal(['main | ~/project | commits unfetched | SIZE | DATE'])
  })

  it('have a limit to what they take on the disk', async () => {
    place.write('.config/drydock/config.toml', '[limits]\nworkspace_disk = "64m"\n')
    served.turns = [
      { calls: [{ name: 'shell', arguments: { command: 'head -c 70m /dev/zero > large' } }] },
      { text: 'Done.' },
    ]
    const { code, stderr } = await agent('run', '--model', 'openai/spec', 'x')
    expect(code).to.equal(1)
    expect(stderr, stderr).to.match(
      /^The workspace takes 0\.\d\d GB on the disk, more than its 0\.06 GB \(limits\.workspace_disk\)/m,
    )
    expect((await agent('diff')).stdout).to.contain('new file mode 100644')
  })

  it('take no name that could be a path', async () => {
    for (const name of ['../x', 'Größe']) {
      const { code, stderr } = await agent('run', '--model', 'openai/spec', `--workspace=${name}`, 'x')
      expect(code, name).to.equal(2)
      expect(stderr, name).to.match(/is no name of a workspace: it begins with a small letter/)
    }
    expect(existsSync(stores())).to.equal(false)
  })

  it('are copies where no overlay can be, with folders of dependencies of their own', async function () {
    if (process.getuid?.() !== 0) return this.skip()
    place.project({ '.gitignore': 'node_modules/\n', 'node_modules/theirs.js': '', 'sub/kept': '' })
    // A project that another disk is mounted in takes no overlay.
    const mount = 'mount -t tmpfs none "$0/sub" && exec "$@"'
    const wrap = ['unshare', '--mount', 'bash', '-c', mount, project]
    const commands = ['ls -A node_modules; mkdir -p node_modules; echo own > node_modules/own.js', 'ls -A node_modules']
    const said: string[] = []
    for (const command of commands) {
      served.turns = [{ calls: [{ name: 'shell', arguments: { command } }] }, { text: 'Done.' }]
      const options = { cwd: project, env: place.env, wrap }
      const run = await runAgent(['run', '--model', 'openai/spec', 'x'], options)
      expect(run.stderr).to.contain('● sandbox: copying the project without node_modules\n')
      said.push(server.requests.at(-1)!.body.messages.at(-1).content.split('\n')[0])
    }
    expect(said).to.deep.equal(["ls: cannot access 'node_modules': No such file or directory", 'own.js'])
    expect(readdirSync(join(project, 'node_modules'))).to.deep.equal(['theirs.js'])
  })

  it('begin with the one that an earlier Drydock kept', async () => {
    await turn('echo kept > a.txt')
    const earlier = join(data(), 'workspaces', projectFolder(data(), project).split('/').at(-1)!)
    mkdirSync(dirname(earlier), { recursive: true })
    renameSync(join(stores(), 'main'), earlier)
    rmSync(join(data(), 'projects'), { recursive: true })
    expect((await listed()).slice(1)).to.deep.equal(['main | ~/project | 1 file unapplied | SIZE | DATE'])
    expect(existsSync(earlier)).to.equal(false)
    expect((await agent('diff')).stdout).to.contain('+kept\n')
  })
})
