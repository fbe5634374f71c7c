import { cpSync, existsSync, mkdirSync, readFileSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import { Failure } from '../core/failure.ts'
import { Workspaces } from '../workspace/workspaces.ts'
import type { Parts } from './parts.ts'
import { placesOf } from './settings.ts'

/** What the demo's scripted model is asked, on the screen by the person and by `--plain` itself. */
export const demoPrompt = 'Parsing "2024-02-30" should fail. Find out why it does not, and fix it.'

/**
 * The folder of the demo's project under the person's home, as it is at the beginning: what an earlier demo left there
 * and in its workspace is taken away, so that the script fits again. Failure `exists` where something else has the name, `busy` where a demo is at work in it.
 */
export async function demoProject(parts: Parts): Promise<string> {
  const folder = join(parts.environment.home, 'drydock-demo')
  const shipped = join(parts.root, 'lib', 'cli', 'demo', 'project')
  if (existsSync(folder) && !isOurs(folder))
    throw new Failure('exists', `${folder} is there, but is not the demo's project: move it away, then try again.`)
  mkdirSync(folder, { recursive: true })
  const workspaces = await Workspaces.open(placesOf(parts).data, realpathSync(folder))
  for (const name of await workspaces.names()) await workspaces.remove(name, async () => true)
  cpSync(shipped, folder, { recursive: true })
  return folder
}

function isOurs(folder: string): boolean {
  const manifest = join(folder, 'package.json')
  return existsSync(manifest) && readFileSync(manifest, 'utf8').includes("The small project of Drydock's demo")
}

/** The demo's model: a script. */
export function demoModel({ root }: Parts): string {
  return `script/${join(root, 'lib', 'cli', 'demo', 'script.toml')}`
}
