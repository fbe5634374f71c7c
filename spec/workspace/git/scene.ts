import { expect } from 'chai'
import { spawnSync } from 'node:child_process'
import * as fs from 'node:fs'
import { dirname, join } from 'node:path'
import { Failure } from '../../../lib/core/failure.ts'
import { startContainer } from '../../../lib/sandbox/container.ts'
import { startEmbedded } from '../../../lib/sandbox/embedded.ts'
import type { Sandbox } from '../../../lib/sandbox/sandbox.ts'
import { type OpenedWorkspace, openWorkspace } from '../../../lib/workspace/fill.ts'
import { Following } from '../../../lib/workspace/git/following.ts'
import type { OwnGit } from '../../../lib/workspace/git/own.ts'
import type { HostWorkspace } from '../../../lib/workspace/host.ts'
import { Live } from '../../../lib/workspace/live.ts'
import { limits, type Ready } from '../../support/sandbox.ts'

export interface User {
  uid: number
  gid: number
}

/** A person's folder with a project in it, and sessions on that. Both hands commit; the person's is this machine's git. */
export class Scene {
  readonly folder: string
  project: string
  readonly problems: Failure[] = []
  workspace!: HostWorkspace
  sandbox!: Sandbox
  git!: OwnGit
  private readonly ready: Ready
  private readonly user: User
  private opened: OpenedWorkspace | undefined
  private following: Following | undefined
  private live: Live | undefined

  constructor(ready: Ready, user: User, parent = '/tmp') {
    this.ready = ready
    this.user = user
    this.folder = fs.realpathSync(fs.mkdtempSync(join(parent, 'drydock-git-')))
    this.project = join(this.folder, 'project')
    fs.mkdirSync(this.project)
  }

  /** Makes the project a repository with one commit. */
  repository(files: Record<string, string> = { 'a.txt': 'one\n' }, flags: string[] = []): this {
    this.host('init', '-q', '-b', 'main', ...flags)
    this.commit('first', files)
    return this
  }

  /** The person's git, as the project's owner. */
  host(...args: string[]): string {
    return this.hostAt(this.project, ...args)
  }

  hostAt(folder: string, ...args: string[]): string {
    return this.run(folder, args, '')
  }

  /** The same with a text as its standard input. */
  feed(args: string[], input: string): string {
    return this.run(this.project, args, input)
  }

  private run(folder: string, args: string[], input: string): string {
    this.own()
    const { status, stdout, stderr } = spawnSync('git', ['-C', folder, ...args], {
      input,
      encoding: 'utf8',
      env: hostEnv(this.folder),
      ...this.user,
    })
    expect(status, stderr).to.equal(0)
    return stdout
  }

  write(files: Record<string, string>): void {
    for (const [path, text] of Object.entries(files)) {
      fs.mkdirSync(dirname(join(this.project, path)), { recursive: true })
      // As editors save.
      fs.writeFileSync(join(this.project, `${path}.saving`), text)
      fs.renameSync(join(this.project, `${path}.saving`), join(this.project, path))
    }
    this.own()
  }

  commit(message: string, files: Record<string, string>): void {
    this.write(files)
    this.host('add', '--', ...Object.keys(files))
    this.host('commit', '-qm', message)
  }

  /** `watch`: its git follows by itself; `live`: its files too. */
  async open(options: { copy?: boolean; watch?: boolean; live?: boolean; secrets?: string[] } = {}): Promise<void> {
    this.own()
    const { ready, user, project, folder } = this
    const common = { project, user, home: join(folder, 'home'), runtimeDir: join(folder, 'run'), limits, env: {} }
    this.opened = await openWorkspace({
      project,
      store: join(folder, 'store'),
      owner: user,
      signal: AbortSignal.timeout(60_000),
      secrets: Promise.resolve(options.secrets ?? []),
      start: async (mount, masks) => {
        if (options.copy && mount.kind === 'overlay') throw new Failure('sandbox', 'No overlay, please.')
        if (ready === 'embedded')
          return startEmbedded({ ...common, mount, masks, tools: { path: '/usr/bin:/bin', home: '/nonexistent' } })
        return startContainer(ready.engine, {
          ...common,
          mount,
          masks,
          image: ready.image,
          ownImage: ready.image,
          session: 'spec',
        })
      },
    })
    Object.assign(this, this.opened)
    if (options.watch) {
      this.following = new Following(this.git, this.sandbox, (failure) => void this.problems.push(failure))
      await this.following.start()
    } else await this.git.follow(this.sandbox)
    if (options.live)
      this.live = await Live.start({
        workspace: this.workspace,
        onFollowed: () => {},
        onProblem: (failure) => void this.problems.push(failure),
      })
  }

  /** Runs a command line inside and gives what it said. */
  async sh(line: string): Promise<string> {
    let said = ''
    const exit = await this.sandbox.run(['bash', '-c', line], {
      signal: AbortSignal.timeout(60_000),
      onOutput: (chunk) => void (said += chunk.toString()),
    })
    expect(exit.code, said).to.equal(0)
    return said
  }

  /** Has the workspace's git follow, and gives what `git status` says inside. */
  async status(): Promise<string[]> {
    await this.git.follow(this.sandbox)
    return (await this.sh('git status --porcelain --branch')).trimEnd().split('\n')
  }

  async end(): Promise<void> {
    await this.live?.dispose()
    await this.following?.dispose()
    this.live = undefined
    await this.opened?.sandbox.dispose()
    await this.opened?.workspace.dispose()
    this.following = undefined
    this.opened = undefined
  }

  async remove(): Promise<void> {
    await this.end()
    spawnSync('rm', ['-rf', this.folder])
  }

  private own(): void {
    if (process.getuid!() !== 0) return
    for (const name of fs.readdirSync(this.folder))
      if (!['store', 'home', 'run'].includes(name))
        spawnSync('chown', ['-hR', `${this.user.uid}:${this.user.gid}`, join(this.folder, name)])
    fs.chownSync(this.folder, this.user.uid, this.user.gid)
  }
}

/** The person's git knows no more than its own files. */
export function hostEnv(home: string): Record<string, string> {
  const who = { NAME: 'Person', EMAIL: 'person@localhost', DATE: '2020-01-01T00:00:00Z' }
  const names = Object.entries(who).flatMap(([name, value]) => [
    [`GIT_AUTHOR_${name}`, value],
    [`GIT_COMMITTER_${name}`, value],
  ])
  return {
    PATH: '/usr/bin:/bin',
    HOME: home,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_ALLOW_PROTOCOL: 'file',
    ...(Object.fromEntries(names) as Record<string, string>),
  }
}
