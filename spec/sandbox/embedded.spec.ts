import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readFile, readdir, readlink, rm, writeFile } from 'node:fs/promises'
import { type Server, createServer } from 'node:net'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { startEmbedded } from '../../lib/sandbox/embedded.ts'
import {
  type Ready,
  type Started,
  backends,
  embeddedOrSkip,
  failureCode,
  keepers,
  limits,
  makeGrounds,
  processes,
  startSandbox,
} from '../support/sandbox.ts'
import { namespaceOrSkip } from '../support/namespace.ts'

const { people } = backends.find(({ backend }) => backend === 'embedded')!

for (const { who, user } of people) {
  describe(`sandbox embedded, working as ${who}`, function () {
    this.timeout(60_000)
    let box: Started

    before(async function () {
      box = await startSandbox(await embeddedOrSkip(this), { user, env: { GREETING: "it's\nhello" } })
      await writeFile(join(box.project, 'given.txt'), 'from the project')
    })
    after(() => box?.stop())

    const output = async (command: string) => {
      const { stdout, stderr } = await box.sh(command)
      return (stdout + stderr).trim()
    }

    it('is told what it promises less than a container', () => {
      const lacking = process.getuid!() === 0 ? '' : 'memory limited by process, no processor limit, '
      expect(box.sandbox.label).to.equal(`embedded: ${lacking}shared kernel`)
    })

    it('has no capability, and none to gain', async () => {
      const seen = await output("grep -E '^(Cap(Inh|Prm|Eff|Amb)|NoNewPrivs):' /proc/self/status | tr -d '\\t'")
      const none = '0000000000000000'
      expect(seen.split('\n')).to.deep.equal([
        `CapInh:${none}`,
        `CapPrm:${none}`,
        `CapEff:${none}`,
        `CapAmb:${none}`,
        'NoNewPrivs:1',
      ])
      if (user.uid === 0) expect(await output('grep CapBnd /proc/self/status')).to.equal(`CapBnd:\t${none}`)
    })

    it('cannot change a mount, make a namespace or a device', async () => {
      const attempts = [
        'mount -o remount,rw /',
        'mount -o remount,bind,rw /usr',
        'mount -o remount,bind,rw /project',
        'mount -o remount,bind,rw /proc/sys',
        'mount -t tmpfs tmpfs /tmp',
        'mount --bind /tmp /project',
        'umount /home/agent',
        'umount -l /project',
        'umount -l /proc/sys',
        'unshare --user true',
        'unshare --user --map-root-user --mount true',
        'unshare --mount true',
        'nsenter --target 1 --user true',
        'nsenter --target 1 --mount true',
        'pivot_root . .',
        'chroot / true',
        'mknod /tmp/device b 254 0',
        'echo 0 > /proc/sys/user/max_user_namespaces',
        'echo x > /proc/sys/kernel/hostname',
        'echo c > /proc/sysrq-trigger',
      ]
      const held = await Promise.all(
        attempts.map(async (attempt) => [attempt, (await box.sh(attempt)).exit.code !== 0]),
      )
      expect(held.filter(([, failed]) => !failed)).to.deep.equal([])
    })

    it('sees nothing of the host but its system', async () => {
      expect((await output('ls /')).split('\n').filter((name) => !/^(lib|nix|opt)/.test(name))).to.deep.equal(
        ['bin', 'dev', 'etc', 'home', 'proc', 'project', 'run', 'sbin', 'tmp', 'usr', 'var'].toSorted(),
      )
      expect(await output('ls /home /home/agent /dev/shm /dev/pts')).to.equal(
        '/dev/pts:\nptmx\n\n/dev/shm:\n\n/home:\nagent\n\n/home/agent:',
      )
      expect(await output('ls -A /tmp')).to.equal(box.project.startsWith('/tmp/') ? box.project.split('/')[2] : '')
      expect(await output('ls /dev')).to.equal(
        [
          'fd',
          'full',
          'null',
          'ptmx',
          'pts',
          'random',
          'shm',
          'stderr',
          'stdin',
          'stdout',
          'tty',
          'urandom',
          'zero',
        ].join('\n'),
      )
      expect((await box.sh('cat /etc/shadow')).stdout).to.equal('')
    })

    it('has a /dev/shm and a /tmp of its own', async () => {
      expect(
        await output('echo x > /dev/shm/spec-of-drydock && echo x > /tmp/spec-of-drydock && ls /dev/shm'),
      ).to.equal('spec-of-drydock')
      for (const folder of ['/dev/shm', '/tmp']) expect(await readdir(folder)).to.not.include('spec-of-drydock')
    })

    it('has no files open but its own, no session but its own, and no process but its own', async () => {
      expect(await output('ls /proc/self/fd')).to.equal('0\n1\n2\n3')
      expect(await output('names=$(ps -eo comm=) && sort -u <<<"$names"')).to.equal('bash\nps')
      expect(await output('[ "$(ps -o sid= -p $$)" = "$(ps -o pid= -p $$)" ] && echo leads')).to.equal('leads')
    })

    it('cannot reach the first process, or any of the host', async () => {
      const outside = spawn('sleep', ['1000'], user.uid === process.getuid!() ? {} : { uid: user.uid, gid: user.gid })
      try {
        await once(outside, 'spawn')
        const { pid } = outside
        expect((await box.sh(`kill -KILL ${pid}; kill -KILL 1; kill -STOP 1`)).exit.reason).to.equal('exited')
        expect(outside.exitCode ?? outside.signalCode).to.equal(null)
        const ptrace = `
import ctypes, sys
libc = ctypes.CDLL(None, use_errno=True)
for pid in map(int, sys.argv[1:]):
    print('held' if libc.ptrace(16, pid, 0, 0) == -1 else 'traced')
`
        await box.sandbox.files.write('/tmp/ptrace.py', Buffer.from(ptrace))
        expect(await output(`python3 /tmp/ptrace.py 1 ${pid} ${process.pid}`)).to.equal('held\nheld\nheld')
        for (const path of ['/proc/1/root/', '/proc/1/cwd/', '/proc/1/fd/', '/proc/1/environ', '/proc/1/mem']) {
          expect((await box.sh(`ls ${path} && head -c 1 ${path}`)).exit.code, path).to.not.equal(0)
        }
        expect(await output('echo alive')).to.equal('alive')
      } finally {
        outside.kill('SIGKILL')
      }
    })

    it('reaches nobody on the host, by no address', async () => {
      const sockets: Server[] = []
      const listen = async (where: object | string) => {
        const server = createServer((socket) => socket.destroy())
        sockets.push(server)
        server.listen(where)
        await once(server, 'listening')
        return server.address()
      }
      try {
        const at = (await listen({ host: '127.0.0.1', port: 0 })) as { port: number }
        await listen('\0spec-of-drydock')
        const program = `
import socket
def reach(family, address):
    try:
        socket.socket(family).connect(address)
        return 'reached'
    except OSError as error:
        return error.strerror
print(reach(socket.AF_INET, ('127.0.0.1', ${at.port})))
print(reach(socket.AF_UNIX, '\\0spec-of-drydock'))
`
        await box.sandbox.files.write('/tmp/reach.py', Buffer.from(program))
        expect(await output('python3 /tmp/reach.py')).to.equal('Connection refused\nConnection refused')
      } finally {
        await Promise.all(sockets.map((server) => new Promise((resolve) => server.close(resolve))))
      }
    })

    it('passes in only the variables it was given', async () => {
      const names = ['DRYDOCK_TAG', 'GIT_PAGER', 'GIT_TERMINAL_PROMPT', 'GREETING', 'HOME', 'LANG', 'PAGER', 'PATH']
      const bashs = ['PWD', 'SHLVL', '_']
      expect((await output('env -0 | cut -z -d= -f1 | tr "\\0" "\\n" | sort')).split('\n').toSorted()).to.deep.equal(
        [...names, ...bashs, 'TAR_OPTIONS'].toSorted(),
      )
      expect(await output('printf "<%s>" "$GREETING"')).to.equal("<it's\nhello>")
    })

    it('works on its own loopback', async () => {
      const program =
        'import socket; s = socket.create_server(("127.0.0.1", 0)); socket.create_connection(s.getsockname())'
      expect(await output(`python3 -c '${program}' && echo answered`)).to.equal('answered')
    })

    it('ends a file that grows without end', async () => {
      const { exit } = await box.sh(`truncate -s ${2 ** 40} sparse`)
      expect(exit.code ?? exit.signal).to.be.oneOf([1, 'SIGXFSZ'])
      expect((await box.sh('ls -l sparse')).stdout).to.match(/ 0 .*sparse/)
    })
  })
}

describe('sandbox embedded: its life', function () {
  this.timeout(60_000)
  let ready: Ready

  before(async function () {
    ready = await embeddedOrSkip(this)
  })

  it('is ready soon, and leaves nothing when it is disposed, and takes nothing more', async () => {
    const box = await startSandbox(ready)
    await box.sandbox.shell()
    const [keeper] = keepers(process.pid)
    expect(processes().map(({ pid }) => pid)).to.include(keeper)
    await box.stop()
    await box.sandbox.dispose()
    expect(keepers(process.pid)).to.deep.equal([])
    expect(await failureCode(box.sandbox.files.read('/etc/hostname'))).to.equal('sandbox')
    expect(await failureCode(box.sh('true'))).to.equal('sandbox')
    expect(await failureCode(box.sandbox.shell())).to.equal('sandbox')
  })

  it("ends within two seconds of its owner's SIGKILL, whatever runs inside", async () => {
    const program = new URL('../support/sandbox-owner.ts', import.meta.url).pathname
    const owner: ChildProcess = spawn(
      process.execPath,
      ['--import', 'tsx', program, String(process.getuid!()), 'embedded'],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    )
    const [said] = (await once(owner.stdout!, 'data')) as [Buffer]
    const [keeper] = keepers(owner.pid!)
    const family = await namespaceOf(keeper!)
    const inside = async () => {
      const found = await Promise.all(processes().map(async ({ pid }) => (await namespaceOf(pid)) === family))
      return found.filter(Boolean).length
    }
    expect(await inside()).to.be.greaterThan(5)
    owner.kill('SIGKILL')
    const killed = performance.now()
    while ((await inside()) > 0) expect(performance.now() - killed, 'ms').to.be.lessThan(2000)
    await rm(said.toString().trim(), { recursive: true, force: true })
  })

  it('tells once that it has gone by itself', async () => {
    const box = await startSandbox(ready)
    const heard: string[] = []
    const lost = new Promise<void>((resolve) => {
      box.sandbox.onLost((failure) => {
        heard.push(failure.code)
        resolve()
      })
    })
    process.kill(keepers(process.pid).at(-1)!, 'SIGKILL')
    await lost
    expect(await failureCode(box.sandbox.shell())).to.equal('sandbox')
    await box.stop()
    expect(heard).to.deep.equal(['sandbox'])
  })

  it('refuses a workspace that cannot be mounted, leaving nothing', async () => {
    const box = await startSandbox(ready)
    const mount = { kind: 'overlay' as const, lower: box.project, upper: '/proc/nothing', work: '/proc/nothing' }
    const { project, home, runtimeDir } = box
    const user = { uid: process.getuid!(), gid: process.getgid!() }
    const tools = { path: '', home: homedir() }
    const refused = startEmbedded({ project, home, runtimeDir, user, mount, tools, limits, env: {} })
    expect(await failureCode(refused)).to.equal('sandbox')
    expect(keepers(process.pid)).to.have.length(1)
    await box.stop()
  })

  it('takes paths that hold the characters of mount tables and options, and a bound folder', async () => {
    const box = await startSandbox(ready)
    const names = ['a:b "c" #d', 'c,d', 'e\\f g\th', "it's\nhome", 'copy ü']
    const [lower, upper, work, home, source] = names.map((name) => join(box.folder, name)) as [string, ...string[]]
    for (const path of [lower, upper!, work!, source!]) await mkdir(path)
    await writeFile(join(lower, 'file'), 'below')
    const user = { uid: process.getuid!(), gid: process.getgid!() }
    const common = { project: lower, user, home: home!, runtimeDir: join(box.folder, 'r:u,n x'), limits, env: {} }
    for (const mount of [
      { kind: 'overlay' as const, lower, upper: upper!, work: work! },
      { kind: 'bind' as const, source: source! },
    ]) {
      const odd = await startSandbox(ready, { ...common, mount, grounds: { ...box } })
      const file = join(lower, mount.kind)
      await odd.sandbox.files.write(file, Buffer.from('written'))
      expect((await odd.sandbox.files.read('/project/file')).toString()).to.equal('below')
      expect(await readFile(join(mount.kind === 'bind' ? source! : upper!, mount.kind), 'utf8')).to.equal('written')
      await odd.sandbox.dispose()
    }
    await box.stop()
  })

  it('shows the toolchains of the home, read-only, and nothing else of it', async () => {
    const box = await startSandbox(ready)
    const home = join(box.folder, 'person')
    const tool = async (path: string) => {
      await mkdir(join(home, path, '..'), { recursive: true })
      await writeFile(join(home, path), '#!/bin/sh\necho "$0"\n', { mode: 0o755 })
    }
    await tool('.nvm/versions/node/v22/bin/made-up-node')
    await tool('.cargo/bin/made-up-cargo')
    await tool('.rustup/toolchains/stable/bin/made-up-rustc')
    await writeFile(join(home, '.cargo', 'credentials.toml'), 'secret')
    await writeFile(join(home, 'letter'), 'secret')
    const path = ['.nvm/versions/node/v22/bin', '.cargo/bin', 'nowhere'].map((name) => join(home, name)).join(':')
    const grounds = { ...box, runtimeDir: join(box.folder, 'run2') }
    const mount = { kind: 'bind' as const, source: box.project }
    const shown = await startSandbox(ready, { grounds, mount, tools: { path: `${path}:/usr/bin`, home } })
    const { stdout } = await shown.sh(`made-up-node; made-up-cargo; echo $RUSTUP_HOME; ls -A ${home} ${home}/.cargo`)
    expect(stdout.trim().split('\n')).to.deep.equal([
      join(home, '.nvm/versions/node/v22/bin/made-up-node'),
      join(home, '.cargo/bin/made-up-cargo'),
      join(home, '.rustup'),
      `${home}:`,
      '.cargo',
      '.nvm',
      '.rustup',
      '',
      `${home}/.cargo:`,
      'bin',
    ])
    expect((await shown.sh(`touch ${home}/.cargo/bin/x`)).stderr).to.match(/Read-only/)
    await shown.sandbox.dispose()
    await box.stop()
  })

  it('makes what the host has mounted below a folder read-only with it', async function () {
    const grounds = await makeGrounds({ uid: process.getuid!(), gid: process.getgid!() })
    after(() => rm(grounds.folder, { recursive: true, force: true }))
    const inner = join(grounds.project, 'inner')
    const wrap = namespaceOrSkip(
      this,
      'mkdir -p "$1" && mount -t tmpfs -o noexec tmpfs "$1" && mkdir -m 777 "$1/more" && mount -t tmpfs tmpfs "$1/more" && mount --bind /etc/os-release /etc/hostname',
      inner,
    )
    const source = join(grounds.folder, 'source')
    await mkdir(source)
    const program = new URL('../support/embedded-command.ts', import.meta.url).pathname
    const command =
      'touch /project/inner/x /project/inner/more/x; whoami; cat /etc/hostname; touch here && echo written'
    const words = [...wrap, process.execPath, '--import', 'tsx', program, grounds.project, source, command]
    const { stdout, stderr } = spawnSync(words[0]!, words.slice(1), { encoding: 'utf8' })
    expect(stdout.split('\n'), stderr).to.deep.equal([
      'root',
      'drydock',
      'written',
      "touch: cannot touch '/project/inner/x': Read-only file system",
      "touch: cannot touch '/project/inner/more/x': Read-only file system",
      '',
    ])
  })
})

/** The namespace that a process counts in; empty for one that has ended or may not be looked at. */
async function namespaceOf(pid: number): Promise<string> {
  return readlink(`/proc/${pid}/ns/pid`).catch(() => '')
}
