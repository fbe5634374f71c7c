import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Failure } from '../../lib/core/failure.ts'

/** A folder of its own for each example of the describe block that calls this; removed after it. */
export class Folder {
  path = ''

  constructor() {
    beforeEach(() => {
      this.path = realpathSync(mkdtempSync(join(tmpdir(), 'drydock-spec-')))
    })
    afterEach(() => rmSync(this.path, { recursive: true, force: true }))
  }

  at(name: string): string {
    return join(this.path, name)
  }

  /** Writes a file, with the folders it needs, and gives its path. */
  write(name: string, data: string | Uint8Array, mode?: number): string {
    const path = this.at(name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, data, { mode })
    return path
  }

  /** The code and sentence of the Failure that `act` throws, the folder's own path written as `~`. */
  failure(act: () => unknown): string {
    let result: unknown
    try {
      result = act()
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      return `${error.code} ${error.message.replaceAll(this.path, '~')}`
    }
    throw new Error(`nothing was thrown; it gave ${JSON.stringify(result)}`)
  }
}
