import * as fs from 'node:fs'
import { chown, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import { Failure } from '../../lib/core/failure.ts'
import type { Sandbox } from '../../lib/sandbox/sandbox.ts'
import { openWorkspace } from '../../lib/workspace/fill.ts'
import { findSecrets } from '../../lib/workspace/find-secrets.ts'
import type { HostWorkspace } from '../../lib/workspace/host.ts'
import { Live } from '../../lib/workspace/live.ts'
import { standInText } from '../../lib/workspace/masks.ts'
import { readWorkspace } from '../../lib/workspace/open.ts'
import { Secrets } from '../../lib/workspace/secrets.ts'
import { type Grounds, type Ready, type Started, backends, makeGrounds, startSandbox } from '../support/sandbox.ts'

const key = '-----BEGIN PRIVATE KEY-----\nhunter2\n-----END PRIVATE KEY-----\n'

/** One of each kind. */
const secrets: Record<string, string> = {
  '.env': 'TOKEN=hunter2\n',
  'deep/er/.env.local': 'TOKEN=hunter2\n',
  'certs/server.pem': key,
  'certs/id_ed25519': key,
  'certs/store.p12': 'hunter2',
  '.npmrc': '//packages.example.org/:_authToken=hunter2\n',
  '.netrc': 'machine git.example.org password hunter2\n',
  '.aws/credentials': 'aws_secret_access_key = hunter2\n',
  '.docker/config.json': '{"auths":{"packages.example.org":{"auth":"hunter2"}}}\n',
  'shared/dev': 'TOKEN=hunter2\n',
  'data/people.dump': 'hunter2\n',
}

const open: Record<string, string> = {
  '.gitignore': '.env\nnode_modules/\n',
  '.env.example': 'TOKEN=\n',
  'certs/ca.pem': '-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n',
  'certs/.npmrc': 'save-exact=true\n',
  'src/a.ts': 'a\n',
}

for (const { backend, readyOrSkip, people } of backends) {
  for (const mode of ['overlay', 'copy'] as const) {
    const { user } = people.at(-1)!
    describe(`secrets in a sandbox: ${backend}, filled by ${mode}`, function () {
      this.timeout(60_000)
      let ready: Ready
      let grounds: Grounds
      let box: Started
      let workspace: HostWorkspace
      const hide = ['*.dump']
      /** How the workspace that was started last is filled. */
      let filled: string | undefined

      before(async function () {
        ready = await readyOrSkip(this)
        grounds = await makeGrounds(user)
        for (const [path, content] of Object.entries({ ...secrets, ...open })) put(path, content)
        fs.symlinkSync('shared/dev', join(grounds.project, '.env.linked'))
        await begin()
      })
      after(async () => {
        await end()
        if (grounds) await rm(grounds.folder, { recursive: true, force: true })
      })

      function put(path: string, content: string): void {
        const file = join(grounds.project, path)
        fs.mkdirSync(join(file, '..'), { recursive: true })
        fs.writeFileSync(file, content)
        for (let at = file; at !== grounds.project; at = join(at, '..')) fs.chownSync(at, user.uid, user.gid)
      }

      async function begin(shown: string[] = []): Promise<void> {
        const found = await findSecrets(new Secrets(grounds.project, hide))
        const opened = await openWorkspace({
          project: grounds.project,
          store: join(grounds.folder, 'store'),
          owner: user,
          signal: AbortSignal.timeout(60_000),
          secrets: Promise.resolve(found.filter((path) => !shown.includes(path))),
          start: async (mount, masks): Promise<Sandbox> => {
            if (mount.kind === 'overlay' && mode === 'copy') throw new Failure('sandbox', 'No overlay, please.')
            box = await startSandbox(ready, {
              grounds,
              user,
              mount,
              masks,
              ownImage: ready === 'embedded' ? undefined : ready.image,
            })
            filled = mount.kind === 'overlay' ? 'overlay' : 'copy'
            return box.sandbox
          },
        })
        workspace = opened.workspace
      }

      async function end(): Promise<void> {
        await box?.sandbox.dispose()
        await workspace?.dispose()
      }

      const output = async (command: string) => {
        const { stdout, stderr } = await box.sh(command)
        return stdout + stderr
      }
      const inside = async (path: string) => (await box.sandbox.files.read(join(grounds.project, path))).toString()
      const project = (path: string) => fs.readFileSync(join(grounds.project, path), 'utf8')
      const told = async () => (await workspace.changes()).map(({ kind, path, refused }) => [kind, path, refused])

      it('is filled so', () => {
        expect(filled).to.equal(mode)
      })

      it('shows the shell nothing of them, by any path, link or copy', async () => {
        const paths = [...Object.keys(secrets), '.env.linked', 'src/../.env'].join(' ')
        const wanted = standInText.repeat(Object.keys(secrets).length + 2) + Object.values(open).join('')
        for (const at of ['.', '/project']) {
          const command = `cd ${at} && cat ${paths} ${Object.keys(open).join(' ')} && grep -rl hunter2 .`
          expect(await output(command)).to.equal(wanted)
        }
        const ways = 'ln -s ../.env src/l; ln .env src/h; cp -r certs src/c; ln -s /project/.env src/p; mv certs moved'
        const through = 'cat src/l src/h src/c/server.pem src/p moved/id_ed25519'
        expect(await output(`${ways}; ${through}; mv moved certs; rm -r src/[lhcp]`)).to.equal(standInText.repeat(5))
      })

      it('shows the file door nothing of them', async () => {
        for (const path of Object.keys(secrets)) expect(await inside(path)).to.equal(standInText)
      })

      it('counts none of them as changed', async () => {
        await output('cat .env; rm -r certs && cp -r /project/certs . && touch .npmrc')
        expect(await told()).to.deep.equal([])
      })

      it('writes nothing to the project that was done to one, and says so', async () => {
        await output('rm .npmrc .netrc; echo TOKEN=other > .env.new && mv -f .env.new .env; cp /project/.env copied')
        const why = 'The project has a secret there that the sandbox was not shown.'
        const listed = [
          ['changed', '.env', why],
          ['deleted', '.netrc', why],
          ['deleted', '.npmrc', why],
          ['added', 'copied', 'It only stands for a secret that the sandbox was not shown.'],
        ].filter(([, path]) => path !== '.env') // it is ignored: named, it is as the others
        expect(await told()).to.deep.equal(listed)
        const all = ['.env', '.netrc', '.npmrc', 'copied']
        const { applied, refused } = await workspace.apply({ paths: all })
        expect({ applied, refused: refused.map(({ path }) => path) }).to.deep.equal({ applied: [], refused: all })
        for (const [path, content] of Object.entries(secrets)) expect(project(path)).to.equal(content)
        await workspace.discard({ paths: all })
        expect(await output('cat .env .netrc .npmrc')).to.equal(standInText.repeat(3))
        expect(await told()).to.deep.equal([])
      })

      it('shows one that the person says yes to, which is then worked on, applied and undone as any file', async () => {
        const before = await workspace.checkpoint()
        await workspace.show('certs/server.pem')
        expect(await output('cat certs/server.pem')).to.equal(key)
        expect(await output('cat certs/id_ed25519')).to.equal(standInText)
        expect(await told()).to.deep.equal([])
        await output('echo more >> certs/server.pem')
        expect(await told()).to.deep.equal([['changed', 'certs/server.pem', undefined]])
        expect((await workspace.apply('all')).applied).to.deep.equal(['certs/server.pem'])
        expect(project('certs/server.pem')).to.equal(`${key}more\n`)
        await workspace.undo(before)
        expect(project('certs/server.pem')).to.equal(key)
        await workspace.hide('certs/server.pem')
        expect(await output('cat certs/server.pem')).to.equal(standInText)
        expect(await told()).to.deep.equal([])
      })

      it('brings back by no undo what was shown only for a while', async () => {
        await workspace.show('.netrc')
        await output('echo x > made')
        const then = await workspace.checkpoint()
        await workspace.hide('.netrc')
        await output('rm made')
        await workspace.undo(then)
        expect(await output('cat .netrc made')).to.equal(`${standInText}x\n`)
        await output('rm made')
      })

      it('masks one that comes to be there', async () => {
        const followed = new Set<string>()
        let heard: (() => void) | undefined
        const problems: string[] = []
        const kept = new Secrets(grounds.project, hide)
        const live = await Live.start({
          workspace,
          onFollowed: (paths) => {
            for (const path of paths) followed.add(path)
            heard?.()
          },
          isSecret: (path) => kept.isSecret(path),
          onProblem: ({ message }) => void problems.push(message),
        })
        const until = async (...paths: string[]) => {
          while (!paths.every((path) => followed.has(path))) await new Promise<void>((resolve) => (heard = resolve))
          followed.clear()
        }
        await workspace.show('.netrc')
        put('late/.env', 'TOKEN=hunter2\n')
        put('.env', 'TOKEN=hunter3\n')
        put('.netrc', 'password hunter4\n')
        await until('late/.env', '.netrc')
        expect(await output('cat late/.env .env .netrc')).to.equal(`${standInText.repeat(2)}password hunter4\n`)
        fs.mkdirSync(join(grounds.folder, 'come/in'), { recursive: true })
        fs.writeFileSync(join(grounds.folder, 'come/in/.env'), 'TOKEN=hunter2\n')
        await chown(join(grounds.folder, 'come'), user.uid, user.gid)
        fs.renameSync(join(grounds.folder, 'come'), join(grounds.project, 'come'))
        await until('come/in/.env')
        expect(await output('cat come/in/.env')).to.equal(standInText)
        put('.env', secrets['.env']!)
        put('.netrc', secrets['.netrc']!)
        await until('.netrc')
        await live.dispose()
        await workspace.hide('.netrc')
        expect(problems).to.deep.equal([])
        expect(await told()).to.deep.equal([])
      })

      it('lets nothing be applied from a workspace that was shown one and is looked at without a session', async () => {
        await workspace.show('.netrc')
        await workspace.show('.npmrc')
        await output('echo more >> .netrc; echo a > src/new.ts')
        await workspace.hide('.npmrc')
        await end()
        workspace = await readWorkspace({ project: grounds.project, store: join(grounds.folder, 'store') })
        expect(await told()).to.deep.equal([
          ['changed', '.netrc', undefined],
          ['added', 'src/new.ts', undefined],
        ])
        await workspace.dispose()
      })

      it('masks them again in the next session, but for what was changed while it was shown', async () => {
        put('.aws/credentials', 'aws_secret_access_key = hunter3\n')
        await begin(['data/people.dump'])
        for (const path of Object.keys(secrets)) {
          const wanted: Record<string, string> = {
            '.netrc': `${secrets['.netrc']}more\n`,
            'data/people.dump': 'hunter2\n',
          }
          expect(await inside(path), path).to.equal(wanted[path] ?? standInText)
        }
        expect(await told()).to.deep.equal([
          ['changed', '.netrc', undefined],
          ['added', 'src/new.ts', undefined],
        ])
      })
    })
  }
}
