import { lstatSync } from 'node:fs'
import { Failure } from '../core/failure.ts'
import { list, Place, table, text, type Check } from './check.ts'
import { errorCode } from './files.ts'
import type { Config, Verdict } from './schema.ts'
import { configShape, limits, sandboxLimits, verdicts, type Part } from './shape.ts'
import { readToml } from './toml.ts'

/** Where an administrator's rules stand. */
export const policyFile = '/etc/drydock/policy.toml'

/** What an administrator lays down for everyone on the machine. It can only make things stricter. */
export interface Policy {
  file: string
  /** The least strict verdict that each risk may have. */
  policy?: Partial<Config['policy']>
  /** Patterns (`*` is any text) of the models that may be used. */
  models?: { allow?: string[] }
  /** Upper limits. */
  sandbox?: Partial<Pick<Config['sandbox'], 'memory' | 'cpus' | 'pids' | 'disk'>>
  limits?: Partial<Config['limits']>
  /** Keys of the configuration that nobody else can set. */
  fix?: Part<Config>
}

const shape = table<Omit<Policy, 'file'>>({
  policy: verdicts,
  models: table<{ allow: string[] }>({ allow: list(text('a pattern such as "anthropic/*"')) }),
  sandbox: table<Pick<Config['sandbox'], 'memory' | 'cpus' | 'pids' | 'disk'>>(sandboxLimits),
  limits: table<Config['limits']>(limits),
  fix: configShape as Check<Part<Config>>,
})

/**
 * Reads the administrator's policy; undefined where there is none. It fails closed: a policy that cannot be read or is
 * wrong is Failure `policy`, and nothing may run.
 */
export function readPolicy(file: string): Policy | undefined {
  try {
    // Of the name itself: a link that leads nowhere is a broken policy, not a missing one.
    lstatSync(file)
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined
    throw unreadable(file, error)
  }
  try {
    const source = readToml(file, { code: 'policy' })
    if (!source) throw new Failure('policy', `${file}: is a link that leads nowhere`)
    return { ...shape(source.data, new Place(source)), file }
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    throw new Failure(
      'policy',
      `${error.message}${error.message.endsWith('?') ? '' : '.'} Nothing runs until the administrator's policy is right`,
      {
        file,
        line: error.line,
        cause: error,
      },
    )
  }
}

/** True where the policy lets `model` (`provider/model`) be used. */
export function modelAllowed(policy: Policy | undefined, model: string): boolean {
  const patterns = policy?.models?.allow
  return patterns === undefined || patterns.some((pattern) => matches(pattern, model))
}

const strictness: readonly Verdict[] = ['allow', 'ask', 'deny']

/** Makes `config` as strict as the policy, in place. `changed` hears of each key that had to be. */
export function enforce(policy: Policy, config: Config, changed: (path: string[]) => void): void {
  for (const [risk, floor] of entries(policy.policy)) {
    if (strictness.indexOf(config.policy[risk]) >= strictness.indexOf(floor)) continue
    config.policy[risk] = floor
    changed(['policy', risk])
  }
  for (const [key, most] of entries(policy.sandbox)) {
    if (config.sandbox[key] <= most) continue
    config.sandbox[key] = most
    changed(['sandbox', key])
  }
  for (const [key, most] of entries(policy.limits)) {
    if (!looser(key, config.limits[key], most)) continue
    config.limits[key] = most
    changed(['limits', key])
  }
}

/** True where `value` of a limit lets more happen than `bound` does. Of money and time, 0 means that there is no limit. */
export function looser(key: keyof Config['limits'], value: number, bound: number): boolean {
  const reach = (limit: number) => (limit === 0 && (key === 'cost' || key === 'seconds') ? Infinity : limit)
  return reach(value) > reach(bound)
}

function entries<K extends string, V>(found: Partial<Record<K, V>> | undefined): [K, V][] {
  return Object.entries(found ?? {}) as [K, V][]
}

function matches(pattern: string, model: string): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'))
  return new RegExp(`^${parts.join('.*')}$`).test(model)
}

function unreadable(file: string, cause: unknown): Failure {
  return new Failure('policy', `${file}: cannot be read. Nothing runs until the administrator's policy is right`, {
    file,
    cause,
  })
}
