import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { expect } from 'chai'
import { Folder } from '../support/folder.ts'
import { engineOrSkip, processes } from '../support/sandbox.ts'

describe("podman's service", function () {
  this.timeout(60_000)
  const folder = new Folder()
  const started: ChildProcess[] = []

  afterEach(() => {
    for (const child of started.splice(0)) child.kill('SIGKILL')
  })

  /** What somebody who needs the service is told. */
  const ask = async (env: NodeJS.ProcessEnv = process.env): Promise<{ said: string; child: ChildProcess }> => {
    const program = new URL('../support/podman-holder.ts', import.meta.url).pathname
    const words = ['--import', 'tsx', program, folder.path, '1']
    const child = spawn(process.execPath, words, { env, stdio: ['ignore', 'pipe', 'inherit'] })
    started.push(child)
    const [said] = (await once(child.stdout, 'data')) as [Buffer]
    return { said: said.toString().trim(), child }
  }

  it('is shared by those who need it, and ends by itself after the last, by SIGKILL too', async function () {
    const { engine } = await engineOrSkip(this)
    if ((await engine.describe()).name !== 'Podman') return this.skip()
    const one = await ask()
    const other = await ask()
    const socket = join(folder.path, 'drydock', 'podman.sock')
    expect([one.said, other.said]).to.deep.equal([`unix://${socket}`, `unix://${socket}`])
    expect(services(socket)).to.have.length(1)
    one.child.kill('SIGKILL')
    await once(one.child, 'exit')
    expect(await answers(socket)).to.equal(true)
    other.child.kill('SIGKILL')
    const killed = performance.now()
    while (services(socket).length > 0) {
      expect(performance.now() - killed, 'ms').to.be.lessThan(15_000)
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    expect(await answers(socket)).to.equal(false)
  })

  it('is none where podman is not installed', async () => {
    expect((await ask({ PATH: folder.path })).said).to.equal('undefined')
  })

  it('says what podman says where it does not start', async () => {
    folder.write(
      'podman',
      '#!/bin/sh\n[ "$1" = --version ] && exit\necho "no ids in /etc/subuid" >&2\nexit 125\n',
      0o755,
    )
    expect((await ask({ PATH: `${folder.path}:/usr/bin:/bin` })).said).to.equal(
      "engine: podman's service does not start: no ids in /etc/subuid",
    )
  })

  it('is not started in a folder that somebody else may have made', async function () {
    if (process.getuid!() !== 0) this.skip()
    folder.write('podman', '#!/bin/sh\n', 0o755)
    const env = { PATH: `${folder.path}:/usr/bin:/bin` }
    symlinkSync('/tmp', folder.at('drydock'))
    expect((await ask(env)).said).to.match(/^engine: .* is somebody else's/)
    rmSync(folder.at('drydock'))
    mkdirSync(folder.at('drydock'))
    chownSync(folder.at('drydock'), 1000, 1000)
    expect((await ask(env)).said).to.match(/^engine: .* is somebody else's/)
  })
})

/** The processes that serve at this socket: podman may be two, of which the second has the user's namespaces. */
function services(socket: string): number[] {
  const commands = processes().map(({ pid, parent }) => ({ pid, parent, words: wordsOf(pid) }))
  const serving = commands.filter(({ words }) => words.includes('service') && words.includes(`unix://${socket}`))
  return serving.filter(({ parent }) => !serving.some(({ pid }) => pid === parent)).map(({ pid }) => pid)
}

function wordsOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1').split('\0')
  } catch {
    return []
  }
}

function answers(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const connection = connect(socket)
    connection.on('connect', () => resolve(connection.destroy() !== undefined))
    connection.on('error', () => resolve(false))
  })
}
