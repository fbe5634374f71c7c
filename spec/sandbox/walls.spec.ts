import { readFile, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import { type Ready, type Started, backends, limits, startSandbox } from '../support/sandbox.ts'

for (const { backend, readyOrSkip, people } of backends) {
  for (const { who, user } of people) {
    describe(`sandbox ${backend}: walls, working as ${who}`, function () {
      this.timeout(60_000)
      let ready: Ready
      let box: Started

      before(async function () {
        ready = await readyOrSkip(this)
        box = await startSandbox(ready, { user })
        await writeFile(join(box.project, 'given.txt'), 'from the project')
      })
      after(() => box?.stop())

      const output = async (command: string) => {
        const { stdout, stderr } = await box.sh(command)
        return (stdout + stderr).trim()
      }

      it('has no network but its own loopback', async () => {
        expect(await output("tail -n +3 /proc/net/dev | sed 's/:.*//; s/ //g'")).to.equal('lo')
        expect(
          await output('python3 -c "import socket; socket.create_connection((\'192.0.2.1\', 9), 3)" 2>&1 | tail -1'),
        ).to.match(/Network is unreachable/)
      })

      it('cannot write the project, nor leave it by a hard link or a mount', async () => {
        expect(await output('cat /project/given.txt')).to.equal('from the project')
        for (const attempt of [
          'echo x > /project/given.txt',
          'rm /project/given.txt',
          'touch /project/new',
          'ln /project/given.txt ./linked && echo x > ./linked',
          'mount -o remount,rw /project',
          'unshare -rm true',
        ]) {
          const { exit } = await box.sh(attempt)
          expect(exit.code, attempt).to.not.equal(0)
        }
        expect(await readFile(join(box.project, 'given.txt'), 'utf8')).to.equal('from the project')
        expect(await readdir(box.project)).to.deep.equal(['given.txt'])
      })

      it('refuses io_uring, AF_VSOCK and new namespaces, by every way to ask for them', async () => {
        const program = `
import ctypes, platform, socket
libc = ctypes.CDLL(None, use_errno=True)
def call(*numbers):
    return ctypes.get_errno() if libc.syscall(*numbers) == -1 else 'done'
def open(family):
    try:
        socket.socket(family, socket.SOCK_STREAM).close()
        return 'done'
    except OSError as error:
        return error.errno
clone = 56 if platform.machine() == 'x86_64' else 220
unshare = 272 if platform.machine() == 'x86_64' else 97
print(call(425, 4, 0), call(426, 0, 0, 0, 0, 0), call(427, 0, 0, 0, 0))
print(open(40), open(38), open(socket.AF_INET))
print(call(unshare, 0x10000000), call(clone, 0x10000000 | 17, 0, 0, 0, 0), call(435, 0, 0))
`
        await box.sandbox.files.write('/tmp/calls.py', Buffer.from(program))
        expect((await output('python3 /tmp/calls.py')).split('\n')).to.deep.equal(['1 1 1', '97 97 done', '1 1 38'])
      })

      it('has a read-only system, and a home, a /tmp and a workspace to write to', async () => {
        for (const path of ['/etc/x', '/usr/bin/x', '/x', '/var/x']) {
          expect((await box.sh(`touch ${path}`)).exit.code, path).to.not.equal(0)
        }
        expect(await output('cd && touch here && cp /bin/true /tmp/true && /tmp/true && echo $HOME')).to.equal(
          '/home/agent',
        )
        expect(await output('touch made && pwd')).to.equal(box.project)
        expect(await readdir(join(box.folder, 'upper'))).to.deep.equal(['made'])
        expect(await readdir(box.home)).to.deep.equal(['here'])
      })

      it('gives the user a name', async () => {
        const { uid, gid } = box.inside
        const name = uid === 0 ? 'root' : 'agent'
        expect(await output('whoami; id -u; id -g; python3 -c "import getpass; print(getpass.getuser())"')).to.equal(
          [name, uid, gid, name].join('\n'),
        )
        expect(await output('node -p "os.userInfo().username + os.homedir()"')).to.equal(`${name}/home/agent`)
      })

      it('commits with git, as the person where the repository says who that is', async () => {
        const commands = [
          'git init -q repository && cd repository && touch a && git add a && git commit -qm one',
          'git log --format="%an <%ae>"',
          'git config user.name Ada && git config user.email ada@example.org && git commit -qm two --allow-empty',
          'git log -1 --format="%an <%ae>"',
        ]
        expect(await output(commands.join(' && '))).to.equal('Drydock <drydock@localhost>\nAda <ada@example.org>')
      })

      it('ends a fork bomb when it is cancelled, and lives on', async () => {
        const cancel = new AbortController()
        setTimeout(() => cancel.abort(), 700)
        const { exit, stderr } = await box.sh('bomb() { bomb | bomb & }; bomb; sleep 100', { signal: cancel.signal })
        expect(exit.reason).to.equal('cancelled')
        expect(exit.ms).to.be.lessThan(700 + 2000)
        expect(stderr).to.match(/Resource temporarily unavailable/)
        expect(await output('echo alive')).to.equal('alive')
      })

      it('kills what takes too much memory, and lives on', async () => {
        const { exit, stderr } = await box.sh(`python3 -c "x = bytearray(${limits.memory * 2})"`)
        // Killed by the control group, or refused where there is none.
        expect(exit.signal ?? stderr).to.match(/^SIGKILL$|MemoryError/)
        expect(await output('echo alive')).to.equal('alive')
      })

      it('limits /tmp', async () => {
        const { exit, stderr } = await box.sh('dd if=/dev/zero of=/tmp/large bs=1M count=2000; rm /tmp/large; exit 9')
        expect(exit.code).to.equal(9)
        expect(stderr).to.match(/No space left on device|Killed/)
      })
    })
  }
}
