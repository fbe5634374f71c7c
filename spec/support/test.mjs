// `npm test` and `npm run soak`: set up what is missing, bring up an engine, check, run every spec, count.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, openSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ensureEngine } from './engine.mjs'
import { ensurePodman } from './podman.mjs'
import prepare from './prepare.cjs'
import { runSpecs } from './run-specs.mjs'

const soak = process.argv.includes('--soak')
const named = process.argv.slice(2).filter((argument) => argument !== '--soak')
/** What needs no engine: run while the image is built that the others need. */
const quick = /^spec\/(?:agent|config|core|llm|session|tui)\//
/** What is run beside the rest: it asks more of the engine and the disk than of the processors, and of no clock. */
const aside = /^spec\/(?:attacks\/|workspace\/|sandbox\/ordinary\.|cli\/(?:chaos|engine-kill|images|workspaces)\.)/
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
  counts = check() && (await (named.length > 0 ? runSpecs(named, env) : runAll(env)))
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

/** Every spec, in three runs, whose counts are added up; undefined where one of them ended without. */
async function runAll(env) {
  const all = specsBelow('spec')
  const image = spawn(process.execPath, ['--import', 'tsx', 'spec/support/provide-image.ts'], {
    cwd: prepare.root,
    env,
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  const built = once(image, 'exit')
  const first = await runSpecs(
    all.filter((path) => quick.test(path)),
    env,
  )
  await built
  const rest = all.filter((path) => !quick.test(path) && !aside.test(path))
  const folder = mkdtempSync(join(tmpdir(), 'drydock-run-'))
  const file = join(folder, 'aside.log')
  const said = openSync(file, 'w')
  const runs = [
    runSpecs(rest, env),
    runSpecs(
      all.filter((path) => aside.test(path)),
      env,
      ['ignore', said, said],
    ),
  ]
  const ended = [first, ...(await Promise.all(runs))]
  // What the run beside has said comes when the other has ended, so that each can be read.
  process.stdout.write(readFileSync(file))
  rmSync(folder, { recursive: true })
  if (ended.includes(undefined)) return undefined
  const sum = (name) => ended.reduce((total, one) => total + one[name], 0)
  return { passes: sum('passes'), failures: sum('failures'), pending: sum('pending') }
}

function specsBelow(folder) {
  return readdirSync(join(prepare.root, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.spec.ts'))
    .map((path) => `${folder}/${path}`)
    .toSorted()
}

/** Types, lint and format: a change that breaks them is not tested further. */
function check() {
  return spawnSync('npm', ['run', '-s', 'check'], { cwd: prepare.root, stdio: 'inherit' }).status === 0
}
