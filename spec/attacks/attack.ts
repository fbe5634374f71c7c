import { expect } from 'chai'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { treeOf } from '../support/agent.ts'
import { besiege } from '../support/siege.ts'
import { secret } from '../support/victim.ts'

/** One attempt from inside, as a row of a table. */
export interface Attempt {
  /** What is tried. */
  what: string
  /**
   * A bash script. It has the paths, addresses and process of the victim in its environment: VICTIM (a folder), SOCKET,
   * ABSTRACT, ADDRESSES (HOST:PORT, blanks between), HOST_PID, and in CALLS the Python of calls.ts.
   */
  script: string
  /** All that it prints, both streams, without blanks at the ends. */
  ends: RegExp | string
  /** Only where the sandbox is of this kind. */
  backend?: string
}

/** The system's words for a wall. */
export const held =
  /Operation not permitted|Permission denied|Read-only file system|No such file or directory|Invalid cross-device link|Device or resource busy|must be superuser|permission denied|not permitted|Not a directory|Invalid argument/

/** A script that says nothing where every one of the commands fails, in the words of a wall. */
export function none(...commands: string[]): string {
  const tried = commands.map((command) => `try '${command.replaceAll("'", "'\\''")}'`)
  const unclear = `grep -qE '${held.source}' <<<"$said" || echo "UNCLEAR: $1: $said"`
  return [
    `try() { if said=$(bash -c "$1" 2>&1 >/dev/null); then echo "DONE: $1"; else ${unclear}; fi; }`,
    ...tried,
  ].join('\n')
}

/** Runs the rows in every kind of sandbox, as everybody who may work there. After each the host is as it was before. */
export function attack(subject: string, attempts: readonly Attempt[], calls = ''): void {
  besiege(`on ${subject}`, {}, (siege) => {
    let treeBefore: object

    before(() => {
      writeFileSync(join(siege.box.project, 'given.txt'), 'from the project\n', { mode: 0o666 })
      treeBefore = treeOf(siege.box.project)
    })

    for (const { what, script, ends, backend = siege.backend } of attempts)
      if (backend === siege.backend)
        it(what, async () => {
          const env = {
            VICTIM: siege.victim.folder,
            SOCKET: siege.victim.socket,
            ABSTRACT: siege.victim.abstract,
            ADDRESSES: siege.victim.addresses.join(' '),
            HOST_PID: String(siege.victim.process.pid),
            CALLS: calls,
          }
          const { stdout, stderr } = await siege.box.sh(script, { env, timeoutMs: 20_000 })
          const said = (stdout + stderr).trim()
          if (typeof ends === 'string') expect(said).to.equal(ends)
          else expect(said, said).to.match(ends)
          expect(said).to.not.include(secret)
          expect(siege.victim.now()).to.deep.equal(siege.victim.untouched)
        })

    it('leaves a sandbox that works, and a project that is as it was', async () => {
      expect((await siege.box.sandbox.files.read('/project/given.txt')).toString()).to.equal('from the project\n')
      expect((await siege.box.sh('touch here && ls')).stdout).to.equal('given.txt\nhere\n')
      expect(treeOf(siege.box.project)).to.deep.equal(treeBefore)
    })
  })
}
