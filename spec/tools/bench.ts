import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createTools } from '../../lib/tools/create.ts'
import { createRegistry } from '../../lib/tools/registry.ts'
import type { Sandbox } from '../../lib/sandbox/sandbox.ts'
import type { ToolResult } from '../../lib/tools/tool.ts'
import { contextOn, LocalSandbox } from './local-sandbox.ts'

export const wordsFolder = join(import.meta.dirname, '..', '..', 'lib', 'tools')

/** All that a spec of a tool works with: a project in a temporary folder, and calls as the agent makes them. */
export class Bench {
  readonly sandbox: LocalSandbox
  readonly root: string
  readonly context
  private readonly registry

  /** `grounds`: a container for programs that this machine may lack, and a folder that both have. */
  constructor(
    limits: Partial<Parameters<typeof createTools>[0]> = {},
    grounds?: { project: string; sandbox: Sandbox },
  ) {
    this.sandbox = new LocalSandbox(grounds?.project, grounds?.sandbox)
    this.root = this.sandbox.root
    this.context = contextOn(this.sandbox, this.root)
    this.registry = createRegistry(
      createTools({ outputBytes: 30_000, commandSeconds: 20, ignore: [], ...limits }, wordsFolder),
    )
  }

  /** Calls a tool the way a model's answer does. */
  async call(name: string, args: object): Promise<ToolResult> {
    const call = await this.registry.prepare({ name, arguments: JSON.stringify(args) })
    return call.ok ? this.registry.run(call, this.context) : call.result
  }

  put(path: string, content: string | Buffer): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true })
    writeFileSync(join(this.root, path), content)
  }

  bytes(path: string): Buffer {
    return readFileSync(join(this.root, path))
  }

  text(path: string): string {
    return this.bytes(path).toString()
  }

  dispose(): void {
    this.sandbox.dispose()
  }
}
