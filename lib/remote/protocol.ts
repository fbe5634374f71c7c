import type { Facts, Intents } from '../core/events.ts'
import type { FailureFact } from '../core/failure.ts'

/** What both ends have to have in common; raised whenever a message changes its meaning. */
export const protocol = 1

/** Bytes of one message, before and after a client has said what it is. */
export const longest = { greeting: 4096, message: 32 * 2 ** 20 }

/** What a session says of itself to whoever connects. */
export interface Greeting {
  protocol: number
  /** The program's. A screen of another version would make another state of the same facts. */
  version: string
  session: string
  /** Absolute path of the project. */
  project: string
  pid: number
  /** When it was opened, in milliseconds since 1970. */
  at: number
  /** A turn is at work. */
  working: boolean
  /** How many screens it has that keep it alive: its own, and those that took it up. */
  screens: number
}

/** What a client is: a `view` looks on and comes and goes; a `screen` is one that the session lives for. */
export type Role = 'view' | 'screen'

/**
 * From the session, a line of JSON each. First `hello`, at once; to a client that has said what it is then `part`s of the
 * state, which `whole` ends, and from there on facts. Facts that a slow client misses are made up for by parts anew.
 */
export type FromHost =
  | { hello: Greeting }
  | { part: unknown }
  | { whole: true }
  | { [K in keyof Facts]: { fact: K; data: Facts[K] } }[keyof Facts]
  | { answer: number; value?: unknown; failure?: FailureFact }
  /** The session ends, or wants no such client: a sentence. */
  | { bye: string; ended: boolean }

/** From a client, a line of JSON each; `hello` first. `ask` numbers a call of a method, and its `answer` has the number. */
export type FromClient =
  | { hello: { protocol: number; as: Role } }
  | { [K in keyof Intents]: { intent: K; data: Intents[K] } }[keyof Intents]
  | { ask: number; method: string; args: unknown[] }
