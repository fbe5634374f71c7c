// `npm run bench`: set up what is missing, bring up an engine, measure.
import { spawnSync } from 'node:child_process'
import { ensureEngine } from './engine.mjs'
import prepare from './prepare.cjs'

prepare.installMissing()
prepare.buildWhenOld()
const engine = await ensureEngine({ consent: process.env.CI === 'true' || process.env.DRYDOCK_TEST_ENGINE === 'yes' })
try {
  const env = engine.host ? { ...process.env, DOCKER_HOST: engine.host } : process.env
  const { status } = spawnSync(process.execPath, ['--import', 'tsx', 'spec/bench/bench.ts'], {
    cwd: prepare.root,
    stdio: 'inherit',
    env,
  })
  process.exitCode = status ?? 1
} finally {
  await engine.stop()
}
