// `npm run build`: one bundle, dist/agent.cjs, whose modules start lazily: what the first frame does not need is not
// run before it. Beside it the terminal descriptions that neo-blessed reads.
import { build } from 'esbuild'
import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import toml from 'toml'

const root = join(import.meta.dirname, '..', '..')
const dist = join(root, 'dist')
const blessed = join(root, 'node_modules', 'neo-blessed')

/** neo-blessed looks its widgets up by name and its terminal descriptions by path: neither survives bundling as it is. */
const blessedPlugin = {
  name: 'neo-blessed',
  setup({ onLoad }) {
    onLoad({ filter: /neo-blessed\/lib\/widget\.js$/ }, () => ({
      contents: ['Node', 'Screen', 'Element', 'Box']
        .map((name) => `exports.${name} = exports.${name.toLowerCase()} = require('./widgets/${name.toLowerCase()}')`)
        .join('\n'),
    }))
    onLoad({ filter: /neo-blessed\/lib\/tput\.js$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8').replaceAll("__dirname + '/../usr/", "__dirname + '/terminfo/"),
    }))
  },
}

/** The TOML files of the package, parsed beforehand: that alone would take a fifth of a start. */
const tomlPlugin = {
  name: 'toml',
  setup({ onLoad }) {
    onLoad({ filter: /lib\/config\/shipped\.ts$/ }, () => {
      const themes = readdirSync(join(root, 'themes')).map((name) => join('themes', name))
      const entries = ['default.toml', 'keybinds.toml', ...themes].map((name) => {
        const text = readFileSync(join(root, name), 'utf8')
        return [text, JSON.stringify(toml.parse(text))]
      })
      return { contents: `export const shipped = new Map(${JSON.stringify(entries)})` }
    })
  },
}

rmSync(dist, { recursive: true, force: true })
mkdirSync(dist)
const result = await build({
  entryPoints: [join(root, 'lib', 'main.ts')],
  outfile: join(dist, 'agent.cjs'),
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  minifySyntax: true,
  minifyWhitespace: true,
  keepNames: false,
  // node-pty is native; the rest are what neo-blessed would load for widgets that are not in the bundle.
  external: ['node-pty', '@lydell/node-pty', 'term.js', 'pty.js', '*.node'],
  // Native import() throws inside vm.Script; every import() of ours is of a module in the bundle or of one that
  // require() loads as well.
  supported: { 'dynamic-import': false },
  banner: { js: "const bundleUrl = require('node:url').pathToFileURL(__filename).href;" },
  define: { 'import.meta.url': 'bundleUrl', 'import.meta.dirname': '__dirname' },
  plugins: [blessedPlugin, tomlPlugin],
  logLevel: 'warning',
  metafile: true,
})
if (process.argv.includes('--sizes')) {
  const inputs = Object.values(result.metafile.outputs)[0].inputs
  const sizes = {}
  for (const [file, { bytesInOutput }] of Object.entries(inputs)) {
    const name = file.match(/node_modules\/((?:@[^/]+\/)?[^/]+)/)?.[1] ?? dirname(file)
    sizes[name] = (sizes[name] ?? 0) + bytesInOutput
  }
  console.table(
    Object.entries(sizes)
      .toSorted(([, a], [, b]) => b - a)
      .slice(0, 40),
  )
}

cpSync(join(blessed, 'usr'), join(dist, 'terminfo'), { recursive: true })
