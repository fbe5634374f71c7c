import { posix } from 'node:path'
import { Failure } from '../core/failure.ts'
import type { Entry } from '../sandbox/sandbox.ts'
import { heed } from './abort.ts'
import { IgnoreRules } from './ignore-rules.ts'
import type { ToolLimits } from './limits.ts'
import { missing, place, type Place } from './paths.ts'
import type { Tool, ToolContext } from './tool.ts'

export interface ListArguments {
  path?: string
  depth?: number
}

const defaultDepth = 2
/** Entries shown in all, and in one folder below the one asked for. */
const mostEntries = 1000
const mostInFolder = 100

/** `list`: what is in a folder, as a tree. */
export function listTool(limits: ToolLimits, words: (name: string) => string): Tool<ListArguments> {
  return {
    name: 'list',
    get description() {
      return words('list')
    },
    schema: {
      type: 'object',
      properties: {
        path: { type: 'string', description: 'The folder; the workspace if not given.' },
        depth: {
          type: 'integer',
          minimum: 1,
          maximum: 20,
          description: `How many levels to show; ${defaultDepth} if not given.`,
        },
      },
      additionalProperties: false,
    },
    risk: () => 'read',
    summary: ({ path }) => path ?? '.',
    async execute({ path = '.', depth = defaultDepth }, context) {
      const at = await place(path, context, 'read')
      const tree = new Tree(context, await rulesFor(at, context, limits.ignore))
      await tree.grow(at, depth)
      return tree.result(at, limits.outputBytes)
    },
  }
}

/** The rules for a folder of the workspace; none where the folder asked for is itself ignored, or lies outside. */
async function rulesFor(at: Place, { sandbox, workspace, signal }: ToolContext, patterns: readonly string[]) {
  if (posix.isAbsolute(at.shown)) return undefined
  const rules = new IgnoreRules(workspace.root, patterns)
  return (await rules.enterDown(at.path, sandbox.files, signal)) ? undefined : rules
}

interface Node {
  entry: Entry
  /** Present where the folder was looked into. */
  children?: Node[]
  /** Why it was not, or how many of its entries are left out. */
  note?: string
}

/** Grows level by level, so that a limit cuts the deepest and not the last. */
class Tree {
  private roots: Node[] = []
  private count = 0
  private cut = false
  private readonly context: ToolContext
  private readonly rules: IgnoreRules | undefined

  constructor(context: ToolContext, rules: IgnoreRules | undefined) {
    this.context = context
    this.rules = rules
  }

  async grow(at: Place, depth: number): Promise<void> {
    this.roots = this.take(await this.entriesAt(at), mostEntries).nodes
    let level = this.folders(at.path, this.roots)
    for (let step = 1; step < depth; step++) {
      const next: typeof level = []
      for (const { path, node } of level) {
        if (this.count >= mostEntries) this.cut = true
        else next.push(...(await this.expand(path, node)))
      }
      level = next
    }
    for (const { node } of level) node.note = '…'
  }

  result({ shown }: Place, limit: number) {
    const lines: string[] = []
    this.print(this.roots, '', lines)
    let bytes = 0
    const fits = lines.findIndex((line) => (bytes += Buffer.byteLength(line) + 1) > limit)
    if (fits >= 0) this.cut = true
    const text = (fits < 0 ? lines : lines.slice(0, fits)).join('\n')
    const note = this.cut ? '\n[cut: there is more; list a folder of it]' : ''
    const entries = `${this.count}${this.cut ? '+' : ''} ${this.count === 1 ? 'entry' : 'entries'}`
    return { ok: true, text: lines.length === 0 ? `[nothing in ${shown}]` : text + note, summary: entries }
  }

  private async expand(path: string, node: Node) {
    const { sandbox, signal } = this.context
    try {
      await this.rules?.enter(path, sandbox.files, signal)
      const entries = this.visible(path, await heed(signal, sandbox.files.list(path)))
      const { nodes, left } = this.take(entries, mostInFolder)
      node.children = nodes
      node.note = left > 0 ? `… ${left} more` : nodes.length === 0 ? '(empty)' : undefined
      return this.folders(path, nodes)
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      node.note = error.code === 'permission' ? '(may not be read)' : '(gone)'
      return []
    }
  }

  private async entriesAt(at: Place): Promise<Entry[]> {
    const { sandbox, signal } = this.context
    try {
      return this.visible(at.path, await heed(signal, sandbox.files.list(at.path)))
    } catch (error) {
      if (!(error instanceof Failure) || error.code !== 'missing') throw error
      const file = await heed(
        signal,
        sandbox.files.stat(at.path).then(
          () => true,
          () => false,
        ),
      )
      throw file ? new Failure('usage', `${at.shown} is not a folder: use read.`) : await missing(at, this.context)
    }
  }

  private visible(folder: string, entries: Entry[]): Entry[] {
    return entries.filter(({ name, type }) => {
      if (name === '.git') return false
      return !this.rules?.ignored(posix.join(folder, name), type === 'directory')
    })
  }

  private take(entries: Entry[], most: number): { nodes: Node[]; left: number } {
    const sorted = entries.toSorted((a, b) => rank(a) - rank(b) || (a.name < b.name ? -1 : 1))
    const room = Math.min(most, mostEntries - this.count)
    const nodes = sorted.slice(0, room).map((entry) => ({ entry }))
    this.count += nodes.length
    if (nodes.length < entries.length) this.cut = true
    return { nodes, left: entries.length - nodes.length }
  }

  private folders(path: string, nodes: Node[]) {
    return nodes
      .filter(({ entry }) => entry.type === 'directory')
      .map((node) => ({ path: posix.join(path, node.entry.name), node }))
  }

  private print(nodes: Node[], indent: string, lines: string[]): void {
    for (const { entry, children = [], note } of nodes) {
      const target = entry.target === undefined ? '' : ` -> ${nameText(entry.target)}`
      const slash = entry.type === 'directory' ? '/' : ''
      const aside = note !== undefined && children.length === 0 ? ` ${note}` : ''
      lines.push(`${indent}${nameText(entry.name)}${slash}${target}${aside}`)
      this.print(children, `${indent}  `, lines)
      if (note !== undefined && children.length > 0) lines.push(`${indent}  ${note}`)
    }
  }
}

function rank({ type }: Entry): number {
  return type === 'directory' ? 0 : 1
}

/** A name that holds control characters is given as JSON writes it, so that each entry stays one line. */
function nameText(name: string): string {
  return /[\u0000-\u001f\u007f-\u009f]/.test(name) ? JSON.stringify(name) : name
}
