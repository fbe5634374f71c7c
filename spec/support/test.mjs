// `npm test` and `npm run soak`: set up what is missing, bring up an engine, check, run every spec, count.
import { spawnSync } from 'node:child_process'
import { ensureEngine } from './engine.mjs'
import { ensurePodman } from './podman.mjs'
import prepare from './prepare.cjs'
import { runSpecs } from './run-specs.mjs'

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
  ensurePodman({ consent })
  const env = {
    ...process.env,
    ...(soak ? { DRYDOCK_SOAK: '1' } : {}),
    ...(engine.host ? { DOCKER_HOST: engine.host } : {}),
  }
  counts = check() && runSpecs(chosen, env)
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
