import { join } from 'node:path'
import { Credentials } from '../config/credentials.ts'
import { type Loaded, loadConfig } from '../config/load.ts'
import { configDir, dataDir, stateDir } from '../config/paths.ts'
import { policyFile } from '../config/policy.ts'
import { findProject } from '../config/project.ts'
import type { Config } from '../config/schema.ts'
import { type ProjectItem, projectItems } from '../config/project-items.ts'
import { Trust } from '../config/trust.ts'
import type { Parts } from './parts.ts'

/** The folders that Drydock keeps things in. */
export interface Places {
  config: string
  data: string
  state: string
}

/** What holds for one call of the program in one project. */
export interface Settings {
  /** Absolute path of the project. */
  project: string
  places: Places
  loaded: Loaded
  /** What the project brings and the person said yes to, and what is not used until they do. */
  trusted: ProjectItem[]
  untrusted: ProjectItem[]
  /** What the project brings and cannot be used, with the reason. */
  skipped: { name: string; reason: string }[]
  trust: Trust
  credentials: Credentials
}

export interface SettingsOptions {
  /** The project, or a folder in it; where the person stands if absent. */
  dir?: string
  /** `provider/model` of the command line. */
  model?: string
  /** `sandbox.backend` of the command line. */
  backend?: string
  /** `mode` of the command line. */
  mode?: string
  /** Other flags, by the configuration key that they set. */
  flags?: Readonly<Record<string, unknown>>
}

export function placesOf({ environment }: Parts): Places {
  return { config: configDir(environment), data: dataDir(environment), state: stateDir(environment) }
}

/** Where the person's own configuration is. */
export function configFile(places: Places): string {
  return join(places.config, 'config.toml')
}

/**
 * Reads the configuration for a project. What the project brings counts only where the person trusts its very bytes.
 * Failure `usage`, `config` or `policy`.
 */
export function readSettings(parts: Parts, options: SettingsOptions = {}): Settings {
  const { environment, root } = parts
  const places = placesOf(parts)
  const project = findProject(options.dir ?? parts.cwd, { home: environment.home, dataDir: places.data })
  const trust = new Trust(join(places.data, 'trust.json'))
  const { items, skipped } = projectItems(project)
  const trusted = items.filter((item) => trust.isTrusted(item))
  const loaded = loadConfig({
    defaults: join(root, 'default.toml'),
    user: configFile(places),
    project: trusted.find(({ kind }) => kind === 'config'),
    environment,
    flags: { model: options.model, mode: options.mode, 'sandbox.backend': options.backend, ...options.flags },
    policy: policyFile,
  })
  return {
    project,
    places,
    loaded,
    trusted,
    untrusted: items.filter((item) => !trusted.includes(item)),
    skipped,
    trust,
    credentials: new Credentials(join(places.config, 'credentials.toml'), environment),
  }
}

/**
 * The model to begin with: the configured one, else the first listed model of a provider that there is a key for.
 * Undefined where there is neither: the person is asked.
 */
export function firstModel(config: Config, credentials: Credentials): string | undefined {
  if (config.model !== '') return config.model
  for (const [name, provider] of Object.entries(config.providers)) {
    const [model] = Object.keys(provider.models)
    if (model && provider.key_required && credentials.keyFor(name, provider)) return `${name}/${model}`
  }
  return undefined
}
