import { expect } from 'chai'
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { extract, pack } from 'tar-stream'
import { Failure } from '../../lib/core/failure.ts'
import { addContext } from '../../lib/workspace/build-context.ts'
import { Folder } from '../support/folder.ts'

describe('the context of a build', () => {
  const folder = new Folder()

  /** What is in it, by name: `TYPE MODE CONTENT`. */
  const sent = async (context = '.', hide: string[] = []) => {
    const tar = pack()
    const found: Record<string, string> = {}
    const reading = (async () => {
      const entries = tar.pipe(extract())
      for await (const entry of entries) {
        const { name, type, mode = 0, linkname } = entry.header
        const content: Buffer[] = []
        for await (const chunk of entry) content.push(chunk as Buffer)
        found[name] = [type, mode.toString(8), linkname ?? Buffer.concat(content).toString()].join(' ')
      }
    })()
    const signal = AbortSignal.timeout(20_000)
    await addContext(tar, { project: folder.at('project'), context, hide, signal }).finally(() => tar.finalize())
    await reading
    return found
  }

  it('is the folder as it is: files with their modes, folders, links that are not followed, nothing else', async () => {
    folder.write('outside/secret', 'secret')
    folder.write('project/src/a b.txt', 'a')
    folder.write('project/run.sh', 'echo')
    folder.write('project/empty', '')
    chmodSync(folder.at('project/run.sh'), 0o755)
    for (const path of ['run.sh', 'src/a b.txt', 'empty', 'src'].slice(1))
      chmodSync(folder.at(`project/${path}`), 0o644)
    chmodSync(folder.at('project/src'), 0o755)
    symlinkSync('../outside', folder.at('project/out'))
    symlinkSync('../outside/secret', folder.at('project/out.txt'))
    spawnSync('mkfifo', [folder.at('project/pipe')])
    expect(await sent()).to.deep.equal({
      empty: 'file 644 ',
      out: 'symlink 777 ../outside',
      'out.txt': 'symlink 777 ../outside/secret',
      'run.sh': 'file 755 echo',
      src: 'directory 755 ',
      'src/a b.txt': 'file 644 a',
    })
  })

  it('has neither secrets, nor .git, nor what a .dockerignore names', async () => {
    for (const path of [
      '.env',
      'id_rsa',
      'conf/.npmrc',
      'mine.txt',
      '.git/config',
      'dist/x',
      'logs/a.log',
      'logs/keep.log',
      'a',
    ])
      folder.write(`project/${path}`, '//registry.example.org/:_authToken=x')
    folder.write('project/.dockerignore', '# no builds\ndist\nlogs/*\n!logs/keep.log\n')
    const names = Object.keys(await sent('.', ['mine.txt'])).filter((name) => name !== 'conf' && name !== 'logs')
    expect(names.toSorted()).to.deep.equal(['.dockerignore', 'a', 'logs/keep.log'])
  })

  it('is a folder of the project, whose own .dockerignore counts', async () => {
    folder.write('project/.dockerignore', '*')
    folder.write('project/docker/.dockerignore', 'b')
    folder.write('project/docker/a', '')
    folder.write('project/docker/b', '')
    folder.write('project/other', '')
    expect(Object.keys(await sent('docker'))).to.deep.equal(['.dockerignore', 'a'])
  })

  const refused: [what: string, context: string, code: string, make: () => void][] = [
    ['that is not there', 'nowhere', 'missing', () => undefined],
    ['that is a link', 'out', 'missing', () => symlinkSync('/etc', folder.at('project/out'))],
    ['below a link', 'out/apt', 'missing', () => symlinkSync('/etc', folder.at('project/out'))],
    [
      'that is too large',
      '.',
      'image',
      () => {
        writeFileSync(folder.at('project/large'), '')
        truncateSync(folder.at('project/large'), 2 ** 30 + 1)
      },
    ],
  ]
  for (const [what, context, code, make] of refused)
    it(`is no folder ${what}`, async () => {
      mkdirSync(folder.at('project'))
      make()
      const failed = await sent(context).catch((error: unknown) => error)
      expect(failed instanceof Failure && failed.code).to.equal(code)
    })
})
