import { cpSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { Failure } from '../core/failure.ts'
import type { Parts } from './parts.ts'

/** What the demo's scripted model is asked, on the screen by the person and by `--plain` itself. */
export const demoPrompt = 'Parsing "2024-02-30" should fail. Find out why it does not, and fix it.'

/** The folder of the demo's project under the person's home, made where it is not there yet. */
export function demoProject({ root, environment }: Parts): string {
  const folder = join(environment.home, 'drydock-demo')
  if (existsSync(folder) && !existsSync(join(folder, 'src', 'parse.js')))
    throw new Failure('exists', `${folder} is there, but is not the demo's project: move it away, then try again.`)
  if (!existsSync(folder)) cpSync(join(root, 'lib', 'cli', 'demo', 'project'), folder, { recursive: true })
  return folder
}

/** The demo's model: a script. */
export function demoModel({ root }: Parts): string {
  return `script/${join(root, 'lib', 'cli', 'demo', 'script.toml')}`
}
