// `npm test` and `npm run soak`: set up what is missing, bring up an engine, check, run every spec, count.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { ensureEngine } from './engine.mjs'
import { ensurePodman } from './podman.mjs'
import prepare from './prepare.cjs'
import { runSpecs } from './run-specs.mjs'

const soak = process.argv.includes('--soak')
const named = process.argv.slice(2).filter((argument) => argument !== '--soak')
/** So many spec files are run at once. A third on two processors saves a minute, and has what must be quick wait too long. */
const lanes = 2
/** What needs no engine: run while the image is built that the others need. */
const quick = /^spec\/(?:agent|config|core|llm|session|tui)\//
/** The files that take longest, which begin before all others, the longest first: nobody waits for one of them alone. */
const long = [
  ...(soak ? ['sandbox/shell-faults'] : []),
  'sandbox/ordinary',
  'attacks/workspace',
  'cli/engine-kill',
  'cli/chaos',
  'cli/screen',
  'cli/run',
  'cli/workspaces',
  'cli/faults',
  'cli/images',
  'sandbox/shell',
]
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
  counts = await (named.length > 0 ? runNamed(env) : runAll(env))
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

/** The spec files named, and those in folders named. */
async function runNamed(env) {
  const files = named.flatMap((path) => (path.endsWith('.ts') ? [path] : specsBelow(path)))
  return (await check()) ? runSpecs(files, env, { lanes }) : undefined
}

/** Every spec; undefined where the check fails, which runs beside the first of them. */
async function runAll(env) {
  const all = specsBelow('spec')
  const checked = check()
  const built = succeeds([process.execPath, '--import', 'tsx', 'spec/support/provide-image.ts'], env)
  async function* inOrder() {
    yield* all.filter((path) => quick.test(path))
    await built // without an image the specs that need it say so
    if (await checked) yield* longestFirst(all.filter((path) => !quick.test(path)))
  }
  const told = await runSpecs(inOrder(), env, { lanes })
  return (await checked) ? told : undefined
}

function longestFirst(paths) {
  return paths.toSorted((one, other) => rank(one) - rank(other))
}

function rank(path) {
  const place = long.findIndex((name) => path === `spec/${name}.spec.ts`)
  return place < 0 ? long.length : place
}

function specsBelow(folder) {
  return readdirSync(join(prepare.root, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.spec.ts'))
    .map((path) => join(folder, path))
    .toSorted()
}

/** Types, lint and format: a change that breaks them is not tested further. */
function check() {
  return succeeds(['npm', 'run', '-s', 'check'], process.env)
}

/** Runs a command beside the specs; whether it ended well. */
async function succeeds([command, ...words], env) {
  const child = spawn(command, words, { cwd: prepare.root, env, stdio: ['ignore', 'inherit', 'inherit'] })
  const [status] = await once(child, 'exit')
  return status === 0
}
