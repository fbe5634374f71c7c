import { Failure } from '../core/failure.ts'
import type { Shell, Size } from './sandbox.ts'

export interface ShellOptions {
  /** As `docker -H` takes it. */
  host: string
  container: string
  /** `uid:gid`. */
  user: string
  cwd: string
  /** Sends a request to the loop that ends things inside. */
  kill: (line: string) => Promise<unknown>
}

/** Keeps the session's one shell. */
export class ShellKeeper {
  constructor(_options: ShellOptions) {}
  get(_size?: Size): Promise<Shell> {
    return Promise.reject(new Failure('sandbox', 'The shell is not there yet.'))
  }
  dispose(): void {}
}
