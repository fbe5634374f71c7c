// Runs the program from the pieces in dist, with V8's code cache. Files are named by their content and the cache by that
// and V8's version: V8 itself would take a stale cache for an edited file of the same length. A cache is made once the
// first frame is drawn, and for what is loaded later once the session stands, so that it holds the functions which were
// needed until then, and no others.
const { mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } = require('node:fs')
const { createRequire } = require('node:module')
const { homedir } = require('node:os')
const { dirname, isAbsolute, join } = require('node:path')
const { Script } = require('node:vm')

const dist = join(__dirname, '..', 'dist')
const entry = attempt(() => readdirSync(dist))?.find((name) => /^main-\w+\.cjs$/.test(name))
if (!entry) {
  console.error(`Drydock is not built yet. Run \`npm start\` (or \`npm run build\`) in ${dirname(__dirname)}.`)
  process.exit(2)
}

const xdgCache = process.env.XDG_CACHE_HOME
const cacheFolder = join(xdgCache && isAbsolute(xdgCache) ? xdgCache : join(homedir(), '.cache'), 'drydock', 'code')
const outer = createRequire(join(dist, entry))
/** Of the files that were read, the scripts; and of the pieces in them, the functions that run them and what these gave. */
const files = new Map()
const functions = new Map()
const modules = new Map()

load(entry).main({ keepCode })

/** The exports of a piece, which is run at its first load. */
function load(name) {
  const known = modules.get(name)
  if (known) return known.exports
  if (!functions.has(name)) read(name)
  const module = { exports: {} }
  modules.set(name, module)
  functions.get(name)(module.exports, requireFromPiece, module, join(dist, name), dist)
  return module.exports
}

/** Reads a file, which may hold more pieces than the one that it is named by. */
function read(name) {
  const filename = join(dist, name)
  const source = readFileSync(filename).latin1Slice() // the build leaves nothing but ASCII in it
  const script = new Script(source, {
    filename,
    cachedData: attempt(() => readFileSync(join(cacheFolder, cacheName(name)))),
  })
  files.set(name, { script })
  for (const [piece, run] of Object.entries(script.runInThisContext()))
    if (!functions.has(piece)) functions.set(piece, run)
}

function requireFromPiece(name) {
  return /^\.\/(?:main|part)-\w+\.cjs$/.test(name) ? load(name.slice(2)) : outer(name)
}
requireFromPiece.resolve = outer.resolve

/** What `get` gives; undefined where it fails: a file that is not there. */
function attempt(get) {
  try {
    return get()
  } catch {
    return undefined
  }
}

function cacheName(name) {
  return `${name}-${process.versions.v8}`
}

/** A cache that cannot be written costs some milliseconds a start, no more. */
function keepCode() {
  const lacking = [...files].filter(([, { kept, script }]) => !kept && script.cachedDataRejected !== false)
  if (lacking.length === 0) return
  attempt(() => {
    mkdirSync(cacheFolder, { recursive: true, mode: 0o700 })
    const wanted = new Set(readdirSync(dist).map(cacheName))
    for (const old of readdirSync(cacheFolder)) if (!wanted.has(old)) rmSync(join(cacheFolder, old), { force: true })
    for (const [name, file] of lacking) {
      const unfinished = join(cacheFolder, `${cacheName(name)}.${process.pid}`)
      writeFileSync(unfinished, file.script.createCachedData(), { mode: 0o600 })
      renameSync(unfinished, join(cacheFolder, cacheName(name)))
      file.kept = true
    }
  })
}
