import type { Verdict } from '../config/schema.ts'
import { setKey } from '../config/edit.ts'
import { tilde } from '../config/paths.ts'
import type { Risk } from '../core/events.ts'
import { Failure } from '../core/failure.ts'
import type { Parts } from './parts.ts'
import { configFile, readSettings } from './settings.ts'

const meanings: Record<Risk, string> = {
  read: 'read files of the workspace',
  write: 'change files of the workspace',
  run: 'run commands in the sandbox',
  network: 'reach the network from the sandbox',
  project: 'write to the project itself',
  discard: 'throw away changes that were never applied',
  secrets: 'show a masked file of keys or passwords',
}

/** `agent policy [RISK VERDICT]`: shows the table, or changes one row in the person's configuration. */
export async function policy(parts: Parts, { risk, verdict }: { risk?: Risk; verdict?: Verdict }): Promise<void> {
  if (risk && !verdict)
    throw new Failure('usage', `Say what ${risk} shall be: \`agent policy ${risk} allow|ask|deny\`.`)
  if (risk && verdict) change(parts, risk, verdict)
  const { loaded } = readSettings(parts)
  const rows = Object.entries(meanings).map(([name, meaning]) => {
    const origin = loaded.origin(`policy.${name}`)
    const from = origin === 'default' ? '' : tilde(origin, parts.environment.home)
    return `${name.padEnd(9)}${loaded.config.policy[name as Risk].padEnd(7)}${meaning.padEnd(46)}${from}`.trimEnd()
  })
  parts.stdout.write(`${rows.join('\n')}\n`)
}

function change(parts: Parts, risk: Risk, verdict: Verdict): void {
  const { loaded, places } = readSettings(parts)
  if (loaded.fixed(`policy.${risk}`))
    throw new Failure(
      'policy',
      `${loaded.origin(`policy.${risk}`)} decides policy.${risk}: only an administrator can change it.`,
    )
  setKey(configFile(places), ['policy', risk], verdict)
}
