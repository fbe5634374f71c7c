// `npm test` and `npm run soak`: set up what is missing, bring up an engine, check, run every spec, count.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ensureEngine } from './engine.mjs'
import prepare from './prepare.cjs'

const soak = process.argv.includes('--soak')
const named = process.argv.slice(2).filter((argument) => argument !== '--soak')
const chosen = named.length > 0 ? named : ['spec/**/*.spec.ts']
const consent = process.env.CI === 'true' || process.env.DRYDOCK_TEST_ENGINE === 'yes'

let engine
let counts
try {
  prepare.installMissing()
  prepare.buildWhenOld()
  engine = await ensureEngine({ consent })
  counts = check() && runSpecs()
} catch (error) {
  console.error(error.message)
} finally {
  await engine?.stop()
}

if (!counts) {
  console.log('0 passed, 1 failed')
  process.exitCode = 1
} else {
  if (counts.pending > 0) console.log(`\n${counts.pending} specs did not run. ${engine.note}`)
  const skipped = counts.pending > 0 ? `, ${counts.pending} skipped` : ''
  console.log(`${counts.passes} passed, ${counts.failures} failed${skipped}`)
  process.exitCode = counts.failures > 0 || counts.passes === 0 ? 1 : 0
}

/** Types, lint and format: a change that breaks them is not tested further. */
function check() {
  return spawnSync('npm', ['run', '-s', 'check'], { cwd: prepare.root, stdio: 'inherit' }).status === 0
}

/** Runs mocha; undefined where it ended without counts (a file that threw on load, a crash) or with a leak. */
function runSpecs() {
  const folder = mkdtempSync(join(tmpdir(), 'drydock-spec-'))
  const countsFile = join(folder, 'counts.json')
  const env = { ...process.env, COUNTS_FILE: countsFile }
  if (soak) env.DRYDOCK_SOAK = '1'
  if (engine.host) env.DOCKER_HOST = engine.host
  try {
    const mocha = spawnSync(
      process.execPath,
      ['node_modules/mocha/bin/mocha.js', '--reporter', 'spec/support/reporter.cjs', ...chosen],
      { cwd: prepare.root, stdio: ['ignore', 'inherit', 'inherit'], env },
    )
    const seen = JSON.parse(readFileSync(countsFile, 'utf8'))
    if (mocha.status !== 0 && seen.failures === 0) {
      console.error(`\nThe run itself failed (${mocha.signal ?? `status ${mocha.status}`}); see above.`)
      return { ...seen, failures: 1 }
    }
    return seen
  } catch (error) {
    console.error(`\nThe run ended without counts: ${error.message}`)
    return undefined
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
