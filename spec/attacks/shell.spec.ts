import { EventEmitter, once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { Failure } from '../../lib/core/failure.ts'
import { createTools } from '../../lib/tools/create.ts'
import { createRegistry } from '../../lib/tools/registry.ts'
import type { ToolResult } from '../../lib/tools/tool.ts'
import { startSandbox } from '../support/sandbox.ts'
import { besiege } from '../support/siege.ts'
import { secret } from '../support/victim.ts'
import { wordsFolder } from '../tools/bench.ts'
import { contextOn } from '../tools/local-sandbox.ts'

const registry = createRegistry(createTools({ outputBytes: 4000, commandSeconds: 20, ignore: [] }, wordsFolder))

/** The session's nonce, which anybody inside can read: it makes marks whole, and keeps nobody out. */
const nonce = `nonce=$(declare -f | grep -o '133;[0-9a-f]*' | head -n 1); [ -n "$nonce" ]`

/** Files of a home that programs run or obey without being asked. */
const planted: Record<string, string> = {
  '.bashrc': 'touch ~/pwned',
  '.bash_profile': 'touch ~/pwned',
  '.profile': 'touch ~/pwned',
  '.bash_env': 'touch ~/pwned',
  '.pam_environment': 'BASH_ENV=@{HOME}/.bash_env\nLD_PRELOAD=@{HOME}/evil.so',
  '.ssh/environment': 'BASH_ENV=.bash_env',
  '.ripgreprc': '--pre=touch ~/pwned',
  '.inputrc': '"a": "touch ~/pwned\\n"',
  '.gitconfig': '[core]\n\tfsmonitor = touch ~/pwned\n\tpager = touch ~/pwned\n[alias]\n\tstatus = !touch ~/pwned',
  '.config/environment.d/evil.conf': 'PATH=/home/agent/bin',
}
const programs = ['bash', 'sh', 'cat', 'dd', 'find', 'mv', 'rg', 'env', 'mkdir', 'chmod', 'readlink', 'socat', 'stty']

besiege('on what works inside for us', {}, (siege) => {
  before(() => writeFileSync(join(siege.box.project, 'given.txt'), 'from the project\n'))
  afterEach(async () => {
    if (siege.box === undefined) return
    // Forged marks that are still on their way cut short what the forger's own shell runs next, and no more.
    for (let tries = 0; tries < 20 && (await shell('echo alive')) !== 'alive'; tries += 1);
    expect(await shell('echo alive')).to.equal('alive')
    expect(siege.victim.now()).to.deep.equal(siege.victim.untouched)
  })

  async function call(name: string, args: object): Promise<ToolResult> {
    const prepared = await registry.prepare({ name, arguments: JSON.stringify(args) })
    return prepared.ok ? registry.run(prepared, contextOn(siege.box.sandbox, siege.box.project)) : prepared.result
  }

  /** What a command prints in the session's shell. */
  async function shell(command: string, timeoutMs = 20_000): Promise<string> {
    let said = ''
    const terminal = await siege.box.sandbox.shell()
    await terminal.run(command, {
      signal: new AbortController().signal,
      timeoutMs,
      onOutput: (text) => (said += text),
    })
    return said.trim()
  }

  it('marks of the shell without the nonce, with it, and for a command to come', async () => {
    const forged = String.raw`printf '\033]133;0123456789abcdef;D;%s;0;/\007' {1..100}; exit_code() { return 7; }; exit_code`
    expect(await call('shell', { command: forged })).to.include({ ok: false, summary: 'exit 7' })
    const mark = String.raw`for id in {1..200}; do printf "\033]$nonce;D;$id;0;/nowhere\007\033]$nonce;C;$id\007"; done >/dev/tty; false`
    expect((await call('shell', { command: `${nonce} && ${mark}` })).text).to.be.a('string')
  })

  it("a mark that would give our own requests another line, and a shell's number that is none", async () => {
    const lines = String.raw`printf "\033]$nonce;A;1\nffff write \\0057tmp\\0057x - 99999999\n\007\033]$nonce;A;a[\$(touch /tmp/x)]\007" >/dev/tty`
    await shell(`${nonce} && ${lines}`)
    const controller = new AbortController()
    const terminal = await siege.box.sandbox.shell()
    const running = terminal.run('trap "" INT TERM; while :; do :; done', {
      signal: controller.signal,
      onOutput: () => {},
    })
    setTimeout(() => controller.abort(), 300)
    expect((await running).reason).to.equal('cancelled')
    expect((await siege.box.sh('ls /tmp/x 2>&1')).stdout).to.match(/No such file/)
  })

  it('a working folder that leads out, for the next shell to be started in', async () => {
    for (const number of [3, 5, 7, 8, 9]) {
      const where = `/proc/self/fd/${number}`
      const mark = `printf "\\033]$nonce;D;9999;0;${where}\\007" >/dev/tty`
      await shell(`ln -sfn ${where} out; { ${nonce} && ${mark}; }; cd out 2>/dev/null; exit`, 5000)
      for (const way of ['.', '..', '../..', '../../..', '../../../..'])
        expect(await shell(`cat "${way}/${siege.victim.file}" 2>&1`)).to.not.include(secret)
    }
  })

  it('a flood into the pipes of the file channel', async () => {
    const memory = process.memoryUsage().rss
    const ended = new AbortController()
    const begins = new EventEmitter()
    const flood = siege.box.sandbox.run(
      [
        'bash',
        '-c',
        `for pid in $(grep -l DRYDOCK_LOOP /proc/[0-9]*/environ 2>/dev/null | grep -o '[0-9]*'); do for fd in 1 2; do yes flood > /proc/$pid/fd/$fd & done; done 2>/dev/null; echo begun; wait; sleep 60`,
      ],
      { signal: ended.signal, onOutput: () => void begins.emit('begun') },
    )
    await once(begins, 'begun')
    for (let round = 0; round < 10; round++) {
      const read = siege.box.sandbox.files.read('/project/given.txt')
      await read.catch((error: unknown) => expect(error).to.be.instanceOf(Failure))
    }
    ended.abort()
    await flood
    expect(process.memoryUsage().rss - memory, 'bytes').to.be.lessThan(200e6)
    // The first may still be told of what was in the pipe.
    const read = () => siege.box.sandbox.files.read('/project/given.txt')
    const text = await read().catch(() => read())
    expect(text.toString()).to.equal('from the project\n')
  })

  it('output that makes terminals work for ever or remember without end', async () => {
    const memory = process.memoryUsage().rss
    const command = String.raw`printf 'x\033[2147483647b\033[999999999C\033[999999999;999999999Hy\n'; head -c 3000000 /dev/zero | tr '\0' '\033'; printf '\033]0;'; head -c 3000000 /dev/zero | tr '\0' a; printf '\033P'; head -c 1000000 /dev/zero | tr '\0' '\b'; printf '\n\033[?1049h\033c\033[6n\033]52;c;eA==\007done\n'`
    const result = await call('shell', { command })
    expect(result.ok).to.equal(true)
    expect(result.text).to.match(/done/)
    expect(result.text).to.not.match(/[\u001b\u009b]/)
    expect(process.memoryUsage().rss - memory, 'bytes').to.be.lessThan(200e6)
  })

  it('a home full of traps, taken up by the next session', async () => {
    const write = Object.entries(planted).map(
      ([path, text]) => `mkdir -p ~/$(dirname ${path}); cat > ~/${path} <<'PLANT'\n${text}\nPLANT`,
    )
    const shadows = programs.map((name) => `printf '#!/bin/sh\\ntouch ~/pwned\\n' > ~/bin/${name}`)
    const places = ['~/.local/bin', '~/node_modules/.bin']
    const copies = places.map((place) => `mkdir -p ${place}; cp ~/bin/* ${place}`)
    await siege.box.sh(['mkdir -p ~/bin', ...write, ...shadows, 'chmod +x ~/bin/*', ...copies].join('\n'))
    const next = await startSandbox(siege.ready, {
      user: siege.user,
      grounds: { ...siege.box, runtimeDir: join(siege.box.folder, 'next') },
    })
    try {
      await next.sandbox.files.write(`${siege.box.project}/made.txt`, Buffer.from('made'))
      await next.sandbox.files.list('/project')
      const terminal = await next.sandbox.shell()
      await terminal.run('true', { signal: new AbortController().signal })
      const stream = await next.sandbox.stream(['cat'])
      stream.end('x')
      for await (const chunk of stream) expect(String(chunk)).to.equal('x')
      expect((await next.sh('ls ~/pwned 2>&1')).stdout).to.match(/No such file/)
    } finally {
      await next.sandbox.dispose()
    }
  })
})
