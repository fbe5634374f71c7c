import { buildSync } from 'esbuild'
import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire, syncBuiltinESMExports } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { WorkerOptions } from 'node:worker_threads'

/** tsx does not reach into workers: what one is started with is built for it, once for each file. */
const threads = createRequire(import.meta.url)('node:worker_threads') as typeof import('node:worker_threads')
const built = new Map<string, string>()
let folder: string | undefined

function build(file: string): string {
  if (folder === undefined) {
    const made = (folder = mkdtempSync(join(tmpdir(), 'drydock-worker-')))
    process.on('exit', () => rmSync(made, { recursive: true, force: true }))
  }
  const outfile = join(folder, `${built.size}.mjs`)
  buildSync({ entryPoints: [file], outfile, bundle: true, platform: 'node', format: 'esm', logLevel: 'warning' })
  return outfile
}

class TypeScriptWorker extends threads.Worker {
  constructor(file: string | URL, options?: WorkerOptions) {
    if (file instanceof URL && file.pathname.endsWith('.ts')) {
      const source = fileURLToPath(file)
      if (!built.has(source)) built.set(source, build(source))
      super(built.get(source)!, { ...options, execArgv: [] })
    } else super(file, options)
  }
}

threads.Worker = TypeScriptWorker
syncBuiltinESMExports()
