import { randomBytes } from 'node:crypto'
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import { pathFromBytes } from '../../lib/core/paths.ts'
import type { Files } from '../../lib/sandbox/sandbox.ts'
import { type Ready, type Started, failureCode, backends, startSandbox } from '../support/sandbox.ts'

for (const { backend, readyOrSkip, people } of backends) {
  describe(`sandbox ${backend}: files`, function () {
    this.timeout(60_000)
    let ready: Ready

    before(async function () {
      ready = await readyOrSkip(this)
    })

    for (const { who, user } of people) {
      describe(`as ${who}`, () => {
        let box: Started
        let files: Files
        let at: (name: string) => string

        before(async () => {
          box = await startSandbox(ready, { user })
          files = box.sandbox.files
          at = (name) => `${box.project}/${name}`
        })
        after(() => box?.stop())

        it('reads back every byte it wrote, whatever the size and the content', async () => {
          const everyByte = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))
          const contents = [
            Buffer.alloc(0),
            Buffer.from([0]),
            Buffer.from([10]),
            everyByte,
            Buffer.from('no line end'),
            Buffer.alloc(65_535, 'abc\n'),
            Buffer.alloc(65_536, 'abc\n'),
            Buffer.alloc(65_537, 'abc\n'),
            Buffer.alloc(100_000),
            randomBytes(1_000_000),
          ]
          for (const content of contents) {
            await files.write(at('bytes'), content)
            const back = await files.read(at('bytes'))
            expect(back.equals(content), `${content.length} bytes`).to.equal(true)
          }
        })

        it('reads a range, and what there is where the file is shorter', async () => {
          await files.write(at('range'), Buffer.from('0123456789'))
          const ranges = [
            [{ offset: 2, length: 3 }, '234'],
            [{ length: 4 }, '0123'],
            [{ offset: 8, length: 10 }, '89'],
            [{ offset: 100 }, ''],
            [{ length: 0 }, ''],
          ] as const
          for (const [range, text] of ranges) expect((await files.read(at('range'), range)).toString()).to.equal(text)
        })

        it('keeps names of every kind apart', async () => {
          const names = [
            'with space',
            "quote's",
            'double"quote',
            'line\nbreak',
            'ends with a line break\n',
            '$(touch ran)`touch ran`',
            '-n',
            '\\0101',
            'größe 漢字 😀',
            pathFromBytes(Buffer.from([0x61, 0xff, 0xfe, 0x0a, 0x62])),
            '*',
          ]
          for (const [index, name] of names.entries())
            await files.write(at(`names/${name}`), Buffer.from(String(index)))
          for (const [index, name] of names.entries()) {
            expect((await files.read(at(`names/${name}`))).toString(), name).to.equal(String(index))
            expect((await files.stat(at(`names/${name}`))).name).to.equal(name)
          }
          const listed = await files.list(at('names'))
          expect(listed.map((entry) => entry.name).toSorted()).to.deep.equal(names.toSorted())
          for (const name of names) await files.move(at(`names/${name}`), at(`moved/${name}.x`))
          expect(await files.list(at('names'))).to.deep.equal([])
          for (const name of names) await files.remove(at(`moved/${name}.x`))
          expect(await files.list(at('moved'))).to.deep.equal([])
        })

        it('replaces whatever stands at a path, and follows nothing there', async () => {
          await files.write(at('kept'), Buffer.from('kept'))
          await files.link(at('replaced/link'), '../kept')
          await files.write(at('replaced/folder/inner'), Buffer.from('x'))
          await files.write(at('replaced/locked'), Buffer.from('x'), { mode: 0o444 })
          for (const name of ['link', 'folder', 'locked', 'new']) {
            const path = at(`replaced/${name}`)
            await files.write(path, Buffer.from(name), { mode: 0o640, replace: true })
            const { type, mode } = await files.stat(path)
            expect([(await files.read(path)).toString(), type, mode]).to.deep.equal([name, 'file', 0o640])
          }
          expect((await files.read(at('kept'))).toString()).to.equal('kept')
        })

        it('tells type, size, mode, time and target, without following', async () => {
          await files.write(at('kinds/file'), Buffer.from('12345'), { mode: 0o750 })
          await files.link(at('kinds/link'), '../nowhere at\nall')
          await box.sh('mkfifo kinds/fifo; mkdir -m 700 kinds/folder; touch -d @1700000000.5 kinds/file')
          const entries = (await files.list(at('kinds'))).toSorted((a, b) => (a.name < b.name ? -1 : 1))
          expect(entries.map(({ name, type, mode, target }) => ({ name, type, mode, target }))).to.deep.equal([
            { name: 'fifo', type: 'other', mode: 0o644, target: undefined },
            { name: 'file', type: 'file', mode: 0o750, target: undefined },
            { name: 'folder', type: 'directory', mode: 0o700, target: undefined },
            { name: 'link', type: 'symlink', mode: 0o777, target: '../nowhere at\nall' },
          ])
          expect(await files.stat(at('kinds/file'))).to.deep.equal({
            name: 'file',
            type: 'file',
            size: 5,
            mode: 0o750,
            mtimeMs: 1_700_000_000_500,
          })
          expect((await files.stat(at('kinds/link/'))).type).to.equal('symlink')
        })

        it('keeps the mode of a file that is there, and follows a link to it', async () => {
          await files.write(at('tool'), Buffer.from('one'), { mode: 0o755 })
          await files.write(at('tool'), Buffer.from('two'))
          await files.link(at('alias'), 'tool')
          await files.write(at('alias'), Buffer.from('three'))
          expect((await files.stat(at('tool'))).mode).to.equal(0o755)
          expect((await files.stat(at('alias'))).type).to.equal('symlink')
          expect((await files.read(at('tool'))).toString()).to.equal('three')
          await files.write(at('tool'), Buffer.from('four'), { mode: 0o600 })
          expect((await files.stat(at('tool'))).mode).to.equal(0o600)
        })

        it('sees what lies below, and stays inside where a link leads out', async () => {
          await mkdir(join(box.project, 'given'))
          await writeFile(join(box.project, 'given', 'file'), 'given')
          await symlink('/etc/hostname', join(box.project, 'given', 'out'))
          expect((await files.read(at('given/file'))).toString()).to.equal('given')
          expect((await files.read(at('given/out'))).toString().trim()).to.equal('drydock')
        })

        it('lists 10,000 entries', async () => {
          await box.sh('mkdir /tmp/many && cd /tmp/many && seq -f "file %g" 10000 | xargs -d "\\n" touch')
          const entries = await files.list('/tmp/many')
          expect(new Set(entries.map((entry) => entry.name)).size).to.equal(10_000)
        })

        it('says what went wrong by a code', async () => {
          await files.write(at('wrong/file'), Buffer.from('x'))
          await box.sh('touch wrong/locked; chmod 000 wrong/locked; mkdir -m 555 wrong/closed; mkfifo wrong/fifo')
          const tries: [string, () => Promise<unknown>, string][] = [
            ['read nothing', () => files.read(at('wrong/nothing')), 'missing'],
            ['read a folder', () => files.read(at('wrong')), 'directory'],
            ['read through a file', () => files.read(at('wrong/file/x')), 'missing'],
            ['read what is locked', () => files.read(at('wrong/locked')), 'permission'],
            ['read a fifo', () => files.read(at('wrong/fifo')), 'permission'],
            ['read a device', () => files.read('/dev/zero'), 'permission'],
            ['read a relative path', () => files.read('wrong/file'), 'missing'],
            ['write a folder', () => files.write(at('wrong'), Buffer.from('x')), 'directory'],
            ['write through a file', () => files.write(at('wrong/file/x'), Buffer.from('x')), 'missing'],
            ['write what is locked', () => files.write(at('wrong/locked'), Buffer.from('x')), 'permission'],
            ['write into what is closed', () => files.write(at('wrong/closed/x'), Buffer.from('x')), 'permission'],
            ['write the project', () => files.write('/project/x', Buffer.from('x')), 'permission'],
            ['write the system', () => files.write('/usr/x', Buffer.alloc(300_000)), 'permission'],
            ['fill a disk', () => files.write('/dev/shm/x', Buffer.alloc(80_000_000)), 'disk'],
            ['remove nothing', () => files.remove(at('wrong/nothing')), 'missing'],
            ['remove a folder', () => files.remove(at('wrong/closed')), 'directory'],
            ['move nothing', () => files.move(at('wrong/nothing'), at('wrong/x')), 'missing'],
            ['move onto something', () => files.move(at('wrong/file'), at('wrong/fifo')), 'exists'],
            ['link onto a folder', () => files.link(at('wrong/closed'), 'x'), 'directory'],
            ['list nothing', () => files.list(at('wrong/nothing')), 'missing'],
            ['list a file', () => files.list(at('wrong/file')), 'missing'],
            ['stat nothing', () => files.stat(at('wrong/nothing')), 'missing'],
          ]
          const seen: Record<string, string> = {}
          for (const [what, attempt] of tries) seen[what] = await failureCode(attempt())
          expect(seen).to.deep.equal(Object.fromEntries(tries.map(([what, , expected]) => [what, expected])))
          // None of it left anything, and the channel is in step.
          expect((await files.list(at('wrong'))).map((entry) => entry.name).toSorted()).to.deep.equal([
            'closed',
            'fifo',
            'file',
            'locked',
          ])
          expect(await failureCode(files.stat('/dev/shm/x'))).to.equal('missing')
        })

        it('removes what is recursive, and a link without what it points to', async () => {
          await files.write(at('tree/a/b/c'), Buffer.from('x'))
          await files.link(at('to-tree'), 'tree')
          await files.remove(at('to-tree'))
          expect((await files.stat(at('tree/a/b/c'))).type).to.equal('file')
          await files.remove(at('tree'), { recursive: true })
          expect(await failureCode(files.stat(at('tree')))).to.equal('missing')
        })

        it('takes requests that come together one after the other', async () => {
          const names = Array.from({ length: 50 }, (_, index) => at(`together/${index}`))
          await Promise.all(names.map((name, index) => files.write(name, Buffer.from(`content ${index}`))))
          const contents = await Promise.all(names.map((name) => files.read(name)))
          expect(contents.map(String)).to.deep.equal(names.map((_, index) => `content ${index}`))
        })

        it('goes on after everything inside was killed', async () => {
          await files.write(at('kept'), Buffer.from('kept'))
          await box.sh('kill -KILL -1')
          const until = Date.now() + 5000
          // The request that the loop dies under may fail; the one after it must not.
          while ((await failureCode(files.read(at('kept')))) !== 'done') expect(Date.now()).to.be.lessThan(until)
          expect((await files.read(at('kept'))).toString()).to.equal('kept')
        })
      })
    }
  })
}
