// What `npm start`, `npm test` and `npm run bench` do first in a clone: install what is missing, build what is old.
const { spawnSync } = require('node:child_process')
const { createHash } = require('node:crypto')
const { existsSync, readdirSync, readFileSync, writeFileSync } = require('node:fs')
const { join } = require('node:path')

const root = join(__dirname, '..', '..')
const installStamp = join(root, 'node_modules', '.drydock-installed')
const buildStamp = join(root, 'dist', '.built-from')

/** Runs npm's install where node_modules is not what package-lock.json asks for. Throws a sentence where it fails. */
function installMissing() {
  const wanted = `${hashOf([join(root, 'package-lock.json')])} ${process.version} ${process.platform} ${process.arch}`
  if (read(installStamp) === wanted) return
  console.error('Installing what Drydock needs (once, about half a minute) …')
  const npm = spawnSync('npm', ['ci', '--no-fund', '--no-audit', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
    // CI asks npm for development packages too, whatever NODE_ENV says: the build is one of them.
    env: { ...process.env, NODE_ENV: 'development' },
  })
  if (npm.error) throw new Error(`npm could not be started (${npm.error.message}). Install npm and try again.`)
  if (npm.status !== 0)
    throw new Error('npm could not install what Drydock needs; its own message stands above. Mend that and try again.')
  writeFileSync(installStamp, wanted)
}

/** Builds dist/ where a source is newer in content than what was built. Throws a sentence where it fails. */
function buildWhenOld() {
  const wanted = hashOf([
    join(root, 'package-lock.json'),
    join(__dirname, 'build.mjs'),
    ...filesUnder(join(root, 'lib')),
  ])
  if (read(buildStamp) === wanted) return
  const build = spawnSync(process.execPath, [join(__dirname, 'build.mjs')], { cwd: root, stdio: ['ignore', 2, 2] })
  if (build.status !== 0) throw new Error('The build failed; its message stands above.')
  writeFileSync(buildStamp, wanted)
}

function filesUnder(folder) {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .toSorted()
}

function hashOf(files) {
  const hash = createHash('sha256')
  for (const file of files) hash.update(`${file.slice(root.length)}\0`).update(readFileSync(file))
  return hash.digest('hex')
}

function read(file) {
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined
}

module.exports = { root, installMissing, buildWhenOld }
