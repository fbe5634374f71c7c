import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import prepare from './prepare.cjs'

/**
 * Runs spec files with mocha and gives its counts, once it has ended; undefined where it ended without any (a file that threw on load, a
 * crash). A run that failed although no spec did (a leaked handle, a rejection nobody handled) counts as one failure.
 */
export async function runSpecs(files, env, stdio = ['ignore', 'inherit', 'inherit']) {
  const folder = mkdtempSync(join(tmpdir(), 'drydock-spec-'))
  const countsFile = join(folder, 'counts.json')
  try {
    const mocha = spawn(
      process.execPath,
      ['node_modules/mocha/bin/mocha.js', '--reporter', 'spec/support/reporter.cjs', ...files],
      { cwd: prepare.root, stdio, env: { ...env, COUNTS_FILE: countsFile } },
    )
    const [status, signal] = await once(mocha, 'close')
    const counts = JSON.parse(readFileSync(countsFile, 'utf8'))
    if (status === 0 || counts.failures > 0) return counts
    console.error(`\nThe run itself failed (${signal ?? `status ${status}`}); see above.`)
    return { ...counts, failures: 1 }
  } catch (error) {
    console.error(`\nThe run ended without counts: ${error.message}`)
    return undefined
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
