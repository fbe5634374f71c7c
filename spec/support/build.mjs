// `npm run build`: the program in pieces, so that what the first frame does not need is neither read nor run before it.
// esbuild parts the modules where an import() stands; each piece then becomes a CommonJS file that the launcher runs from
// V8's code cache. Pieces are named by their content: a program that runs while another is built finds its own.
import { build, transform } from 'esbuild'
import { mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import toml from 'toml'

const root = join(import.meta.dirname, '..', '..')
const dist = join(root, 'dist')

/**
 * neo-blessed is our layout and cell buffer (lib/tui/blessed.ts). Of the rest, which it would load at once, the bundle
 * holds stand-ins: its terminal program, its log, and itself as a whole.
 */
const blessedPlugin = {
  name: 'neo-blessed',
  setup({ onLoad }) {
    onLoad({ filter: /neo-blessed\/lib\/(?:program|blessed|widgets\/log)\.js$/ }, () => ({
      contents: 'module.exports = function () {}',
    }))
    onLoad({ filter: /neo-blessed\/lib\/widgets\/screen\.js$/ }, ({ path }) => ({
      contents: replaced(path, "cp = require('child_process')", 'cp = {}'),
    }))
  },
}

/**
 * Of dockerode, what no session of ours needs at its start: SSH is loaded where an engine is reached by it, and BuildKit's
 * sessions, which would load the whole of gRPC, are left out: images are built by the engine's own builder.
 */
const dockerodePlugin = {
  name: 'dockerode',
  setup({ onLoad }) {
    onLoad({ filter: /docker-modem\/lib\/modem\.js$/ }, ({ path }) => ({
      contents: replaced(path, "ssh = require('./ssh')", "ssh = (options) => require('./ssh')(options)"),
    }))
    onLoad({ filter: /dockerode\/lib\/session\.js$/ }, () => ({
      contents: "module.exports = (_, __, done) => done(new Error('BuildKit is not part of the program.'))",
    }))
  },
}

/**
 * blessed-contrib asks for blessed and lodash as wholes, of which it uses little, and for buffers in a way that Node warns
 * of. Its charts stand on the elements of blessed that we have (spec/support/setup.ts does the same for specs).
 */
const contribPlugin = {
  name: 'blessed-contrib',
  setup({ onLoad, onResolve }) {
    const standIns = {
      blessed:
        "exports.Node = require('neo-blessed/lib/widgets/node'); exports.Box = require('neo-blessed/lib/widgets/box')",
      lodash: "exports.max = require('lodash/max')",
    }
    onResolve({ filter: /^(?:blessed|lodash)$/ }, ({ path, importer }) =>
      importer.includes('/node_modules/blessed-contrib/') ? { path, namespace: 'contrib' } : undefined,
    )
    onLoad({ filter: /./, namespace: 'contrib' }, ({ path }) => ({ contents: standIns[path], resolveDir: root }))
    onLoad({ filter: /drawille-blessed-contrib\/index\.js$/ }, ({ path }) => ({
      contents: replaced(path, 'new Buffer(', 'Buffer.alloc('),
    }))
  },
}

/** The TOML files of the package, parsed beforehand: that alone would take a fifth of a start. */
const tomlPlugin = {
  name: 'toml',
  setup({ onLoad }) {
    onLoad({ filter: /lib\/config\/shipped\.ts$/ }, () => {
      const more = ['themes', 'keybinds'].flatMap((dir) => readdirSync(join(root, dir)).map((name) => join(dir, name)))
      const entries = ['default.toml', 'keybinds.toml', ...more].map((name) => {
        const text = readFileSync(join(root, name), 'utf8')
        return [text, JSON.stringify(toml.parse(text))]
      })
      return { contents: `export const shipped = new Map(${JSON.stringify(entries)})` }
    })
  },
}

mkdirSync(dist, { recursive: true })
const result = await build({
  entryPoints: [join(root, 'lib', 'main.ts')],
  outdir: dist,
  write: false,
  bundle: true,
  splitting: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  entryNames: 'main-[hash]',
  chunkNames: 'part-[hash]',
  legalComments: 'linked',
  external: ['node-pty', '@lydell/node-pty', '*.node'], // native
  alias: { 'jsonc-parser': 'jsonc-parser/lib/esm/main.js' }, // its other form hides its modules from a bundler
  define: { 'import.meta.url': 'pieceUrl', 'import.meta.dirname': '__dirname' },
  plugins: [blessedPlugin, dockerodePlugin, contribPlugin, tomlPlugin],
  logLevel: 'warning',
  metafile: true,
})

const pieces = new Map()
for (const { path, text } of result.outputFiles)
  if (path.endsWith('.js')) pieces.set(pieceName(path), asciiOnly(await commonJs(text)))
// What is needed together is read together: the many small files of a start take longer than what is in them.
const first = needed('lib/main.ts')
const screen = needed('lib/cli/screen.ts').filter((name) => !first.includes(name))
for (const name of pieces.keys()) put(name, packed([first, screen].find(([entry]) => entry === name) ?? [name]))
put('LEGAL.txt', result.outputFiles.map(({ path, text }) => (path.endsWith('.txt') ? text : '')).join(''))
for (const old of readdirSync(dist)) if (old.endsWith('.cjs') && !pieces.has(old)) rmSync(join(dist, old))
if (process.argv.includes('--sizes')) printSizes()

function pieceName(path) {
  return `${basename(path, '.js')}.cjs`
}

/** The piece of a module that an import() names, and behind it the pieces that it cannot be run without. */
function needed(entry) {
  const { outputs } = result.metafile
  const found = new Set()
  const add = (path) => {
    if (found.has(path)) return
    found.add(path)
    for (const one of outputs[path].imports) if (one.kind === 'import-statement' && !one.external) add(one.path)
  }
  add(Object.keys(outputs).find((path) => outputs[path].entryPoint === entry))
  return [...found].map(pieceName)
}

/** The file of some pieces: by name the functions that run them, in brackets so that V8 compiles each at once. */
function packed(names) {
  const functions = names.map(
    (name) =>
      `${JSON.stringify(name)}: (function (exports, require, module, __filename, __dirname) {${pieces.get(name)}\n})`,
  )
  return `({${functions.join(',\n')}})`
}

/** The text of a file with one piece of it replaced. Throws where it is not there: another version of the package. */
function replaced(path, old, by) {
  const text = readFileSync(path, 'utf8')
  if (!text.includes(old)) throw new Error(`${path} no longer holds \`${old}\`.`)
  return text.replace(old, by)
}

/** A piece as a file that require() loads; import() of another piece becomes a require() of it, later. */
async function commonJs(text) {
  const { code } = await transform(text.replaceAll(/(["'])(\.\/(?:part|main)-\w+)\.js\1/g, '$1$2.cjs$1'), {
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    minify: true,
    // Native import() throws inside vm.Script.
    supported: { 'dynamic-import': false },
    ...(text.includes('pieceUrl')
      ? { banner: "const pieceUrl = require('node:url').pathToFileURL(__filename).href;" }
      : {}),
  })
  return code
}

/** The launcher reads the pieces as bytes; esbuild leaves a character of a regular expression as it is. */
function asciiOnly(text) {
  return text.replaceAll(/[^\x00-\x7f]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** Whole or not at all: another program may be reading. */
function put(name, text) {
  const unfinished = join(dist, `${name}.${process.pid}`)
  writeFileSync(unfinished, text)
  renameSync(unfinished, join(dist, name))
}

function printSizes() {
  for (const [file, { inputs, bytes }] of Object.entries(result.metafile.outputs)) {
    if (bytes < 20_000 || !file.endsWith('.js')) continue
    const sizes = {}
    for (const [input, { bytesInOutput }] of Object.entries(inputs)) {
      const name = input.match(/node_modules\/((?:@[^/]+\/)?[^/]+)/)?.[1] ?? dirname(input)
      sizes[name] = (sizes[name] ?? 0) + bytesInOutput
    }
    const largest = Object.entries(sizes).toSorted(([, a], [, b]) => b - a)
    console.log(basename(file), bytes, Object.fromEntries(largest.slice(0, 6)))
  }
}
