import { expect } from 'chai'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { treeOf } from '../support/agent.ts'
import { type Ready, type Started, backends, startSandbox } from '../support/sandbox.ts'
import { Victim, secret } from './victim.ts'

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
  for (const { backend, readyOrSkip, people } of backends)
    for (const { who, user } of people)
      describe(`attacks on ${subject}: sandbox ${backend}, as ${who}`, function () {
        this.timeout(60_000)
        let ready: Ready
        let box: Started
        let victim: Victim
        let treeBefore: object

        before(async function () {
          ready = await readyOrSkip(this)
          victim = await new Victim().start(user)
          box = await startSandbox(ready, { user })
          writeFileSync(join(box.project, 'given.txt'), 'from the project\n', { mode: 0o666 })
          treeBefore = treeOf(box.project)
        })
        after(async () => {
          await box?.stop()
          await victim?.stop()
        })

        for (const { what, script, ends, backend: only = backend } of attempts)
          if (only === backend)
            it(what, async () => {
              const env = {
                VICTIM: victim.folder,
                SOCKET: victim.socket,
                ABSTRACT: victim.abstract,
                ADDRESSES: victim.addresses.join(' '),
                HOST_PID: String(victim.process.pid),
                CALLS: calls,
              }
              const { stdout, stderr } = await box.sh(script, { env, timeoutMs: 20_000 })
              const said = (stdout + stderr).trim()
              if (typeof ends === 'string') expect(said).to.equal(ends)
              else expect(said, said).to.match(ends)
              expect(said).to.not.include(secret)
              expect(victim.now()).to.deep.equal(victim.untouched)
            })

        it('leaves a sandbox that works, and a project that is as it was', async () => {
          expect((await box.sandbox.files.read('/project/given.txt')).toString()).to.equal('from the project\n')
          expect((await box.sh('touch here && ls')).stdout).to.equal('given.txt\nhere\n')
          expect(treeOf(box.project)).to.deep.equal(treeBefore)
        })
      })
}
