import { type ChildProcess, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'

export const agentPath = resolve(import.meta.dirname, '..', '..', 'bin', 'agent')

/** A folder of its own for a spec: a home, and a place for projects. Removed with `dispose`. */
export interface Place {
  home: string
  /** Environment for programs run there: nothing of the person's but what finds programs and the engine. */
  env: Record<string, string>
  /** Writes a file below the home, folders and all. Gives its path. */
  write(path: string, text: string): string
  /** Makes a project of these files, named `project` below the home. Gives its folder. */
  project(files: Record<string, string>): string
  dispose(): void
}

export function makePlace(extra: Record<string, string> = {}): Place {
  const home = realpathSync(mkdtempSync(join(tmpdir(), 'drydock-place-')))
  const env: Record<string, string> = { HOME: home, TERM: 'xterm-256color', LANG: 'C.UTF-8', ...extra }
  for (const name of ['PATH', 'DOCKER_HOST', 'NODE_EXTRA_CA_CERTS', 'npm_config_cafile'])
    if (process.env[name] && !(name in extra)) env[name] = process.env[name]
  const write = (path: string, text: string) => {
    const file = join(home, path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
    return file
  }
  const project = (files: Record<string, string>) => {
    for (const [path, text] of Object.entries(files)) write(join('project', path), text)
    return join(home, 'project')
  }
  return { home, env, write, project, dispose: () => rmSync(home, { recursive: true, force: true }) }
}

export interface Ended {
  code: number | null
  signal: NodeJS.Signals | null
  stdout: string
  stderr: string
}

export interface RunningAgent {
  child: ChildProcess
  /** Resolves once standard output holds the text. */
  saw(text: string): Promise<void>
  ended: Promise<Ended>
}

export interface AgentOptions {
  cwd: string
  env: Record<string, string>
  /** What is given on standard input; nothing where absent. */
  input?: string
  uid?: number
  gid?: number
  /** Words before the program's own, as of `unshare`. */
  wrap?: string[]
  /** The launcher; that of this package where absent. */
  program?: string
}

/** Starts the built program without a terminal. */
export function startAgent(args: string[], options: AgentOptions): RunningAgent {
  const { cwd, env, uid, gid, wrap = [], program = agentPath } = options
  const [command, ...rest] = [...wrap, process.execPath, program, ...args]
  const child = spawn(command!, rest, { cwd, env, uid, gid, stdio: 'pipe' })
  child.stdin.on('error', () => undefined) // it may end before it has read
  child.stdin.end(options.input ?? '')
  let stdout = ''
  let stderr = ''
  const watchers = new Set<() => void>()
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
    for (const look of watchers) look()
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => void (stderr += text))
  const ended = new Promise<Ended>((done) => {
    child.on('close', (code, signal) => done({ code, signal, stdout, stderr }))
  })
  const saw = (text: string) =>
    new Promise<void>((found, failed) => {
      const look = () => {
        if (!stdout.includes(text)) return
        watchers.delete(look)
        found()
      }
      watchers.add(look)
      look()
      void ended.then(() => failed(new Error(`ended without ${JSON.stringify(text)}:\n${stdout}\n${stderr}`)))
    })
  return { child, saw, ended }
}

/** Runs the built program to its end. */
export function runAgent(args: string[], options: AgentOptions): Promise<Ended> {
  return startAgent(args, options).ended
}

/** The events that `--json` printed; an unfinished last line is none. */
export function eventsOf(stdout: string): { event: string; data: Record<string, unknown> }[] {
  return stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as { event: string; data: Record<string, unknown> })
}

/** What lies in a folder: path → type, mode and content hash. Two equal maps are two equal trees. */
export function treeOf(folder: string): Record<string, string> {
  const tree: Record<string, string> = {}
  for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' }).toSorted()) {
    const full = join(folder, path)
    const stat = lstatSync(full)
    const mode = (stat.mode & 0o7777).toString(8)
    if (stat.isSymbolicLink()) tree[path] = `link ${readlinkSync(full)}`
    else if (stat.isFile()) tree[path] = `file ${mode} ${createHash('sha256').update(readFileSync(full)).digest('hex')}`
    else tree[path] = `${stat.isDirectory() ? 'folder' : 'other'} ${mode}`
  }
  return tree
}
