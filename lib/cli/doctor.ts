import { accessSync, constants, existsSync, statfsSync } from 'node:fs'
import { join } from 'node:path'
import { Failure, describe } from '../core/failure.ts'
import type { Config } from '../config/schema.ts'
import { tilde } from '../config/paths.ts'
import { embeddedLacks } from '../sandbox/embedded.ts'
import type { Limits } from '../sandbox/limits.ts'
import { localMark } from '../sandbox/local.ts'
import { embeddedObstacle } from '../sandbox/obstacle.ts'
import { findEngine } from '../sandbox/find-engine.ts'
import { loadPty } from '../sandbox/pty.ts'
import { enginePlace } from './backend.ts'
import { chosenImage } from './chosen-image.ts'
import { engineFindings } from './engine-findings.ts'
import { exits } from './exit.ts'
import type { Finding } from './finding.ts'
import { imageFindings } from './image-finding.ts'
import type { Parts } from './parts.ts'
import { tmuxOption } from './tmux.ts'
import { type Settings, configFile, firstModel, placesOf, readSettings } from './settings.ts'

/** Milliseconds that an Escape may wait in tmux, besides our own `screen.escape_ms`. */
const longestEscape = 50
/** Bytes that should be free where workspaces are kept. */
const enoughSpace = 2 * 2 ** 30

/** `agent doctor`: what is fine, what is not, and what to do. Exit code 1 where something that is needed is not. */
export async function doctor(parts: Parts): Promise<number> {
  const findings = [
    node(),
    terminal(parts),
    ...(await tmux(parts)),
    pty(),
    ...(await sandboxes(parts)),
    dataFolder(parts),
    ...settings(parts),
  ]
  const colour = parts.stdout.isTTY && !parts.environment.noColor
  for (const { about, text, todo, minor, alarm } of findings) {
    const sign = todo === undefined ? '✓' : minor ? '●' : '✗'
    const said = `${sign} ${about.padEnd(10)}${text}`
    parts.stdout.write(alarm && colour ? `\x1b[1;31m${said}\x1b[0m\n` : `${said}\n`)
    if (todo === undefined) continue
    const [first, ...more] = todo.split('\n')
    parts.stdout.write(`${' '.repeat(12)}→ ${first}\n${more.map((line) => `${line}\n`).join('')}`)
  }
  return findings.some(({ todo, minor }) => todo !== undefined && !minor) ? exits.failed : exits.done
}

function node(): Finding {
  return { about: 'Node', text: process.version }
}

function terminal({ stdout, environment }: Parts): Finding {
  const about = 'terminal'
  if (!stdout.isTTY)
    return { about, text: 'not a terminal', todo: 'The screen needs one; `agent run` does not.', minor: true }
  const text = `${environment.term ?? 'TERM is not set'}, ${stdout.columns}x${stdout.rows}${environment.tmux ? ', in tmux' : ''}`
  if (environment.term === undefined || environment.term === 'dumb')
    return { about, text, todo: 'Set TERM to what your terminal is, as in TERM=xterm-256color.', minor: true }
  if (stdout.columns < 40 || stdout.rows < 10) return { about, text, todo: 'Make it 80x24 or larger.', minor: true }
  return { about, text }
}

/** What of tmux stands in the way of keys, of notifications, and of knowing whether somebody looks. */
async function tmux({ environment }: Parts): Promise<Finding[]> {
  if (!environment.tmux) return []
  const about = 'tmux'
  const [escape, focus, passes] = await Promise.all(
    ['escape-time', 'focus-events', 'allow-passthrough'].map((name) => tmuxOption(name)),
  )
  const wishes = [
    Number(escape ?? 0) > longestEscape && 'set -sg escape-time 10',
    (focus === 'off' || focus === '0') && 'set -g focus-events on',
    (passes === 'off' || passes === '0') && 'set -g allow-passthrough on',
  ].filter((wish) => wish !== false)
  const text = `Escape waits ${escape ?? '?'} ms, focus ${focus ?? '?'}, passthrough ${passes ?? '?'}`
  if (wishes.length === 0) return [{ about, text }]
  const todo = `For a quick Escape and for notifications put into ~/.tmux.conf:\n    ${wishes.join('\n    ')}`
  return [{ about, text, todo, minor: true }]
}

function pty(): Finding {
  const about = 'node-pty'
  try {
    return { about, text: loadPty().name }
  } catch (error) {
    return { about, text: describe(error).message, todo: 'Install Drydock again: npm install.' }
  }
}

/** The engine and the embedded sandbox: one that works is enough, where the configuration takes either. */
async function sandboxes(parts: Parts): Promise<Finding[]> {
  const { backend, require, ...limits } = wanted(parts)
  const local: Finding = {
    about: 'sandbox',
    text: `${localMark}: commands run on this machine, as you, after your yes to each`,
    todo: 'To have a sandbox set sandbox.backend to "auto".',
    minor: true,
    alarm: true,
  }
  const embedded = await embeddedSandbox(limits)
  const engine = await engineAndImage(parts)
  const works = embedded.todo === undefined && require !== 'container'
  return [
    ...(backend === 'local' ? [local] : []),
    ...engine.map((finding) => ({
      ...finding,
      minor: finding.minor || (backend !== 'container' && works) || backend === 'local',
    })),
    { ...embedded, minor: backend !== 'embedded' },
  ]
}

/** What the configuration wants of the sandbox; where it cannot be read, `settings` says so. */
function wanted(parts: Parts): Limits & Pick<Config['sandbox'], 'backend' | 'require'> {
  const unread = { backend: 'auto', require: 'any', memory: 2 ** 30, cpus: 1, pids: 100, disk: 2 ** 30 } as const
  return settingsOf(parts)?.loaded.config.sandbox ?? unread
}

function settingsOf(parts: Parts): Settings | undefined {
  try {
    return readSettings(parts)
  } catch {
    return undefined
  }
}

async function embeddedSandbox(limits: Limits): Promise<Finding> {
  const about = 'embedded'
  const obstacle = await embeddedObstacle()
  if (obstacle) return { about, text: `does not work here: ${obstacle.reason}`, todo: obstacle.todo }
  return { about, text: `works here; less than a container: ${await embeddedLacks(limits)}, this system readable` }
}

async function engineAndImage(parts: Parts): Promise<Finding[]> {
  const { environment, root } = parts
  try {
    const engine = await findEngine(enginePlace(environment))
    const found = engineFindings(await engine.describe(), engine.origin, await engine.terminalCommand())
    const read = settingsOf(parts)
    if (read)
      found.push(
        ...(await imageFindings(engine, chosenImage(read), { ...read, imagesDir: join(root, 'sandbox-images') })),
      )
    return found
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    return [{ about: 'engine', text: 'none', todo: error.message }]
  }
}

function dataFolder(parts: Parts): Finding {
  const { data } = placesOf(parts)
  const shown = tilde(data, parts.environment.home)
  let folder = data
  while (!existsSync(folder)) folder = join(folder, '..')
  try {
    accessSync(folder, constants.W_OK)
  } catch {
    return { about: 'data', text: `${shown} cannot be written`, todo: `Make it yours: sudo chown -R "$USER" ${folder}` }
  }
  const { bavail, bsize } = statfsSync(folder)
  const free = bavail * bsize
  const text = `${shown}, ${(free / 2 ** 30).toFixed(1)} GB free`
  return free < enoughSpace
    ? { about: 'data', text, todo: 'Make room: images and workspaces need some.' }
    : { about: 'data', text }
}

function settings(parts: Parts): Finding[] {
  let read: Settings
  try {
    read = readSettings(parts)
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    // Standing in a folder that is no project is no fault of the set-up.
    const minor = error.code === 'usage'
    return [
      { about: minor ? 'project' : 'config', text: minor ? 'none here' : 'cannot be used', todo: error.message, minor },
    ]
  }
  const { environment } = parts
  const own = configFile(read.places)
  const found: Finding[] = [
    {
      about: 'config',
      text: existsSync(own)
        ? tilde(own, environment.home)
        : `the defaults; yours would be ${tilde(own, environment.home)}`,
    },
    { about: 'project', text: tilde(read.project, environment.home) },
  ]
  for (const { name } of read.untrusted)
    found.push({
      about: 'trust',
      text: `${name} is not used`,
      todo: 'Open the project with `agent`: it shows it and asks.',
      minor: true,
    })
  for (const { name, reason } of read.skipped)
    found.push({ about: 'trust', text: `${name} is not used`, todo: `Mend it: ${reason}.`, minor: true })
  return [...found, ...models(read)]
}

function models({ loaded: { config }, credentials }: Settings): Finding[] {
  const found: Finding[] = []
  for (const [name, provider] of Object.entries(config.providers)) {
    if (!provider.key_required) continue
    try {
      if (credentials.keyFor(name, provider)) found.push({ about: 'key', text: `${name} has one` })
    } catch (error) {
      found.push({ about: 'key', text: `${name}'s cannot be used`, todo: describe(error).message })
    }
  }
  const model = found.some(({ todo }) => todo) ? config.model : firstModel(config, credentials)
  if (model) found.push({ about: 'model', text: model })
  else
    found.push({
      about: 'model',
      text: 'none is chosen',
      todo: 'Set OPENAI_API_KEY or ANTHROPIC_API_KEY, or `model` in your config; or just run `agent`: it asks.',
    })
  return found
}
