import type { KeySet } from './keymap.ts'
import type { Mode, Risk } from '../core/events.ts'

/** What the policy says of a risk. */
export type Verdict = 'allow' | 'ask' | 'deny'

/** The wire protocol a service speaks. */
export type Protocol = 'openai' | 'anthropic'

export interface ModelConfig {
  /** Tokens that fit in its context; unknown where absent. */
  context?: number
  /** US dollars for a million tokens. */
  price?: { input: number; output: number; cache_read?: number; cache_write?: number }
}

export interface ProviderConfig {
  protocol: Protocol
  /** Up to and including the version: `https://host/v1`. */
  base_url: string
  /** The environment variable that holds the key; a key saved by the program is used where it is not set. */
  key_env?: string
  /** False for services that want no key (a local one). */
  key_required: boolean
  headers: Record<string, string>
  models: Record<string, ModelConfig>
}

/** The whole configuration, as default.toml lists it with what each key means. Deeply frozen. */
export interface Config {
  /** `provider/model`; empty until one is chosen. */
  model: string
  /** How a session begins. */
  mode: Mode
  /** The language the agent answers in; empty: that of the prompt. */
  language: string
  theme: string
  /** Patterns as in .gitignore that `list` and `search` leave out besides the project's own. */
  ignore: string[]
  providers: Record<string, ProviderConfig>
  policy: Record<Risk, Verdict>
  sandbox: {
    /**
     * What everything happens in; `auto`: a container, or the embedded sandbox where no engine answers. `local` is no
     * sandbox, and taken only where the person says so.
     */
    backend: 'auto' | 'container' | 'embedded' | 'local'
    /** The least that it must be: nothing starts in less. */
    require: 'any' | 'embedded' | 'container'
    /** `auto`: Drydock's own base image; else the name of an image. */
    image: string
    /** Bytes. */
    memory: number
    cpus: number
    pids: number
    /** Bytes. */
    disk: number
    /** Names of variables of the person's environment that are passed in. */
    env: string[]
    /** Patterns as in .gitignore of files that are masked inside like secrets; after a `!`, of secrets that are not. */
    hide: string[]
    /** Services of this machine that are inside at the same address: `localhost:5432`. */
    services: string[]
    network: {
      /** What may be reached without a question: `mirror.example.org:443`, `*.example.net:80`. */
      allow: string[]
    }
  }
  limits: {
    /** Model calls in one turn. */
    steps: number
    /** Seconds of one command. */
    command_seconds: number
    /** Bytes of a tool's output that the model gets. */
    output_bytes: number
    /** US dollars and seconds of one turn; 0: none. */
    cost: number
    seconds: number
    /** Bytes that the changes and checkpoints of a workspace may take on the disk. */
    workspace_disk: number
  }
  screen: {
    mouse: boolean
    /** How long a session goes on for a turn at work once its terminal is gone, in minutes; 0: not at all. */
    away_minutes: number
    /** How long a lone Escape is waited on before it is taken as the key, in milliseconds. */
    escape_ms: number
    /** How the person is called when they look elsewhere. */
    notify: 'auto' | 'osc9' | 'osc777' | 'bell' | 'none'
    /** Which ready set of keys lies over the usual ones. */
    keys: KeySet
    colors: 'auto' | 'truecolor' | '256' | '16' | 'none'
  }
  log: { level: 'error' | 'warn' | 'info' | 'debug' }
}
