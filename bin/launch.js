// Runs dist/agent.cjs from V8's code cache. The cache is made after a run, so that it holds the functions which the
// first frame needs, and is keyed by the bundle's content and V8's version: V8 itself would take a stale cache for an
// edited bundle of the same length.
const { createHash } = require('node:crypto')
const { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } = require('node:fs')
const { homedir } = require('node:os')
const { dirname, isAbsolute, join } = require('node:path')
const { Script } = require('node:vm')

const bundle = join(__dirname, '..', 'dist', 'agent.cjs')
const xdgCache = process.env.XDG_CACHE_HOME
const cacheFolder = join(xdgCache && isAbsolute(xdgCache) ? xdgCache : join(homedir(), '.cache'), 'drydock', 'code')

if (!existsSync(bundle)) {
  console.error('Drydock is not built yet. Run `npm start` (or `npm run build`) in ' + dirname(__dirname) + '.')
  process.exit(2)
}

const source = readFileSync(bundle, 'utf8')
const key = createHash('sha256').update(process.versions.v8).update(source).digest('hex').slice(0, 32)
const cacheFile = join(cacheFolder, key)
const script = new Script(`(function (exports, require, module, __filename, __dirname) {${source}\n})`, {
  filename: bundle,
  cachedData: readCache(),
})
const program = { exports: {} }
script.runInThisContext()(
  program.exports,
  require('node:module').createRequire(bundle),
  program,
  bundle,
  dirname(bundle),
)
program.exports.main({ afterFirstFrame: writeCache })

function readCache() {
  try {
    return readFileSync(cacheFile)
  } catch {
    return undefined // first run of this bundle
  }
}

// Called by the program once it is idle. A cache that cannot be written costs a few milliseconds a start, no more.
function writeCache() {
  if (script.cachedDataRejected === false) return
  try {
    mkdirSync(cacheFolder, { recursive: true, mode: 0o700 })
    for (const old of readdirSync(cacheFolder)) if (old !== key) rmSync(join(cacheFolder, old), { force: true })
    writeFileSync(`${cacheFile}.${process.pid}`, script.createCachedData(), { mode: 0o600 })
    renameSync(`${cacheFile}.${process.pid}`, cacheFile)
  } catch {
    // see above
  }
}
