import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import semver from 'semver'
import { type Pack, extract } from 'tar-stream'
import { Failure } from '../core/failure.ts'
import { capture } from './command.ts'
import { usualNode } from './recipe.ts'

/** Of a package, what is of no use in an image: pages to read, and headers for other machines' OpenSSL. */
const leftOut = /^package\/(share|docs|man|include\/node\/openssl\/archs|CHANGELOG\.md|README\.md)(\/|$)/

/** Packages as npm fetched them: files of the host. */
export interface NodePackages {
  node: string
  npm: string
}

/**
 * Fetches Node and npm, both npm packages, into `folder`, by the person's npm with its settings. `architecture` as npm
 * names it; `range`: the versions that will do.
 *
 * Errors: `Failure` `image`; an abort throws the signal's reason.
 */
export async function fetchNode(options: {
  architecture: string
  range?: string
  folder: string
  signal: AbortSignal
}): Promise<NodePackages> {
  const { folder, signal } = options
  const name = `node-linux-${options.architecture}`
  const version = await chooseVersion(name, options.range ?? usualNode, folder, signal)
  const node = await fetchPackage(`${name}@${version}`, folder, signal)
  return { node, npm: await fetchPackage(`npm@${npmFor(version)}`, folder, signal) }
}

/** Puts both into a build context, below `local/` as they are to lie below /usr/local. */
export async function addNode(tar: Pack, packages: NodePackages): Promise<void> {
  await addPackage(tar, packages.node, 'local/')
  await addPackage(tar, packages.npm, 'local/lib/node_modules/npm/')
  for (const command of ['npm', 'npx']) {
    const linkname = `../lib/node_modules/npm/bin/${command}-cli.js`
    tar.entry({ name: `local/bin/${command}`, type: 'symlink', linkname })
  }
}

/**
 * The version to take: the usual line's newest in the range, else the range's newest, else the nearest there is: the
 * newest that is older than what the range begins with, or the oldest of all.
 */
export function nearestVersion(versions: readonly string[], range: string): string | undefined {
  const stable = versions.filter((version) => semver.prerelease(version) === null)
  const usual = stable.filter((version) => semver.satisfies(version, usualNode))
  const fitting = semver.maxSatisfying(usual, range) ?? semver.maxSatisfying(stable, range)
  if (fitting) return fitting
  const least = semver.minVersion(range)
  const sameLine = least && semver.maxSatisfying(stable, `${least.major}`)
  if (sameLine) return sameLine
  const sorted = semver.sort([...stable])
  return sorted.findLast((version) => least && semver.lt(version, least)) ?? sorted[0]
}

/** The npm that works with a version of Node, as a range. */
function npmFor(node: string): string {
  const major = semver.major(node)
  return major >= 18 ? '10' : major >= 14 ? '8' : '6'
}

async function chooseVersion(name: string, range: string, cwd: string, signal: AbortSignal): Promise<string> {
  const said = await npm(['view', name, 'versions', '--json'], `the versions of ${name}`, cwd, signal)
  const version = nearestVersion(JSON.parse(said) as string[], range)
  if (version === undefined) throw new Failure('image', `npm knows no version of ${name}, which the image needs.`)
  return version
}

/** Fetches a package; gives its path. */
async function fetchPackage(spec: string, folder: string, signal: AbortSignal): Promise<string> {
  const said = await npm(['pack', '--json', '--silent', spec], spec, folder, signal)
  const [made] = JSON.parse(said) as { filename: string }[]
  return join(folder, made!.filename.replace('/', '-'))
}

async function npm(args: string[], what: string, cwd: string, signal: AbortSignal): Promise<string> {
  const { code, stdout, stderr } = await capture('npm', args, { cwd, signal })
  if (code === 0) return stdout
  const reason = stderr.trim().split('\n').at(-1) || `exit ${code}`
  throw new Failure(
    'image',
    `npm could not fetch ${what}, which the image needs: ${reason}. Check that \`npm ${args.slice(0, 2).join(' ')}\` works, then try again.`,
  )
}

/** Copies what a package holds to below `prefix`, readable by all and owned by root. */
async function addPackage(tar: Pack, file: string, prefix: string): Promise<void> {
  const entries = extract()
  entries.on('entry', ({ name, type, size, mode = 0 }, content, next) => {
    const path = prefix + name.replace(/^package\//, '')
    if (type !== 'file' || leftOut.test(name)) {
      content.on('end', next).resume()
      return
    }
    const executable = (mode & 0o111) !== 0 || /\/bin\/(node|np[mx]-cli\.js)$/.test(path)
    const to = tar.entry({ name: path, size, mode: executable ? 0o755 : 0o644 }, next)
    content.on('error', (error) => to.destroy(error)).pipe(to)
  })
  await pipeline(createReadStream(file), createGunzip(), entries)
}
