import type { Environment } from '../config/environment.ts'

/** What every command is handed by main: where it was called, and the ways out. */
export interface Parts {
  /** The folder of the package: default.toml, themes, sandbox-images. */
  root: string
  version: string
  environment: Environment
  /** The folder the person stands in. */
  cwd: string
  stdin: NodeJS.ReadStream
  stdout: NodeJS.WriteStream
  stderr: NodeJS.WriteStream
  /** Keeps V8's code cache of what has been loaded since, for the next start. To be called when nothing waits. */
  keepCode(): void
}
