// Runs the program from the pieces in dist, with V8's code cache. Pieces are named by their content and the cache by that
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
const pieces = new Map()

load(entry).main({ keepCode })

/** The exports of a piece, which is run at its first load. */
function load(name) {
  const known = pieces.get(name)
  if (known) return known.module.exports
  const file = join(dist, name)
  const source = readFileSync(file).latin1Slice() // the build leaves nothing but ASCII in it
  const script = new Script(`(function (exports, require, module, __filename, __dirname) {${source}\n})`, {
    filename: file,
    cachedData: attempt(() => readFileSync(join(cacheFolder, cacheName(name)))),
  })
  const piece = { script, module: { exports: {} } }
  pieces.set(name, piece)
  const { module } = piece
  script.runInThisContext()(module.exports, requireFromPiece, module, file, dist)
  return module.exports
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

function cacheName(piece) {
  return `${piece}-${process.versions.v8}`
}

/** A cache that cannot be written costs some milliseconds a start, no more. */
function keepCode() {
  const lacking = [...pieces].filter(([, { kept, script }]) => !kept && script.cachedDataRejected !== false)
  if (lacking.length === 0) return
  attempt(() => {
    mkdirSync(cacheFolder, { recursive: true, mode: 0o700 })
    const wanted = new Set(readdirSync(dist).map(cacheName))
    for (const old of readdirSync(cacheFolder)) if (!wanted.has(old)) rmSync(join(cacheFolder, old), { force: true })
    for (const [name, piece] of lacking) {
      const unfinished = join(cacheFolder, `${cacheName(name)}.${process.pid}`)
      writeFileSync(unfinished, piece.script.createCachedData(), { mode: 0o600 })
      renameSync(unfinished, join(cacheFolder, cacheName(name)))
      piece.kept = true
    }
  })
}
