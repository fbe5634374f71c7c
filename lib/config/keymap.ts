import { join } from 'node:path'
import { Failure } from '../core/failure.ts'
import { actions, contexts, type Action, type Context } from './actions.ts'
import { Place, unknownKey } from './check.ts'
import { nearest } from './nearest.ts'
import { tilde } from './paths.ts'
import { readToml, type Source, type Table } from './toml.ts'

const namedKeys = 'space enter tab escape backspace delete insert up down left right home end pageup pagedown'.split(
  ' ',
)
const functionKey = /^f([1-9]|1\d|2[0-4])$/
const modifiers = ['ctrl', 'alt', 'shift', 'super']
/** Says in a person's file that a key of ours shall mean nothing. */
const none = 'none'

type Bindings = Map<Context, Map<string, Action | undefined>>
type Bound = ReadonlyMap<Context, ReadonlyMap<string, Action>>

/** Ready sets of keys, each a file of ours that lies over the usual one. */
export const keySets = ['usual', 'emacs', 'vi'] as const

export type KeySet = (typeof keySets)[number]

/**
 * The meaning of the keys: which action a key, or some keys pressed one after the other, stand for. There is one for a
 * screen, and whoever has it sees at once what was bound anew.
 */
export class Keymap {
  private bound: Bound
  private chosen: KeySet
  private byAction: Map<Action, string[]> | undefined

  constructor(bound: Bound, set: KeySet = 'usual') {
    this.bound = bound
    this.chosen = set
  }

  /** The set that lies over the usual keys. */
  get set(): KeySet {
    return this.chosen
  }

  /** From now on the keys mean what they mean in `other`. */
  use(other: Keymap): void {
    this.bound = other.bound
    this.chosen = other.chosen
    this.byAction = undefined
  }

  /**
   * What the keys pressed so far mean in the first of `places` where they mean something, or else in `global`.
   * `pending`: they begin a longer sequence; undefined: nothing. Key names as in keybinds.toml.
   */
  action(places: Context | readonly Context[], keys: readonly string[]): Action | 'pending' | undefined {
    const pressed = keys.join(' ')
    for (const where of [places, 'global' as const].flat()) {
      const map = this.bound.get(where)
      const action = map?.get(pressed)
      if (action !== undefined) return action
      for (const chord of map?.keys() ?? []) if (chord.startsWith(`${pressed} `)) return 'pending'
    }
    return undefined
  }

  /** What is bound in a context alone, in the order of the file: keys and action. */
  bindings(context: Context): [keys: string, action: Action][] {
    return [...(this.bound.get(context) ?? [])]
  }

  /** The keys of an action, the one to show first in front; a person's own come before ours. `context`: only those there. */
  keysFor(action: Action, context?: Context): readonly string[] {
    if (context !== undefined)
      return this.bindings(context).flatMap(([keys, bound]) => (bound === action ? [keys] : []))
    this.byAction ??= inverse(this.bound)
    return this.byAction.get(action) ?? []
  }
}

/** By action: every frame asks for the keys of what can be done. */
function inverse(bound: Bound): Map<Action, string[]> {
  const byAction = new Map<Action, string[]>()
  for (const map of bound.values())
    for (const [keys, action] of map) byAction.set(action, [...(byAction.get(action) ?? []), keys])
  return byAction
}

export interface KeymapFiles {
  /** keybinds.toml of ours, and the folder of the sets that lie over it. */
  defaults: string
  sets: string
  /** The person's own, which may be missing. */
  user: string
  home: string
}

/** Reads keybinds.toml, over it the set, and over both the person's own file. Failure `config` with file and line. */
export function loadKeymap(files: KeymapFiles, set: KeySet = 'usual'): Keymap {
  const ours = [files.defaults, ...(set === 'usual' ? [] : [join(files.sets, `${set}.toml`)])].map(readShipped)
  const theirs = readToml(files.user, { name: tilde(files.user, files.home) })
  // The last word first.
  const sources = [...(theirs ? [theirs] : []), ...ours.toReversed()]
  const layers = sources.map(bindings)
  const bound = new Map<Context, Map<string, Action>>()
  for (const context of contexts) {
    const keys = new Map<string, Action | undefined>()
    for (const layer of layers)
      for (const [key, action] of layer.get(context) ?? []) if (!keys.has(key)) keys.set(key, action)
    const meant = [...keys].filter((entry): entry is [string, Action] => entry[1] !== undefined)
    // What is shipped a spec has checked.
    if (theirs)
      checkSequences(
        meant.map(([name]) => name),
        new Place(theirs, [context]),
      )
    bound.set(context, new Map(meant))
  }
  return new Keymap(bound, set)
}

function readShipped(file: string): Source & { data: Table } {
  const source = readToml(file)
  if (!source) throw new Failure('config', `${file}: is missing; install Drydock again`)
  return source
}

function checkSequences(keys: readonly string[], place: Place): void {
  for (const longer of keys) {
    const shorter = keys.find((key) => longer.startsWith(`${key} `))
    if (shorter !== undefined)
      place
        .at(longer)
        .fail(`"${longer}" can never be pressed: "${shorter}" has a meaning of its own; bind that to "${none}"`)
  }
}

function bindings(source: Source & { data: Table }): Bindings {
  const found: Bindings = new Map()
  const top = new Place(source)
  for (const [context, table] of Object.entries(source.data)) {
    const place: Place = top.at(context)
    if (!isContext(context)) unknownKey(place, contexts)
    if (typeof table !== 'object' || table === null || Array.isArray(table)) place.wrong('a [table] of keys', table)
    const keys = new Map<string, Action | undefined>()
    for (const [written, action] of Object.entries(table)) {
      const here = place.at(written)
      const name = written
        .split(' ')
        .map((key) => keyName(key, here))
        .join(' ')
      if (keys.has(name)) here.fail(`"${written}" is bound twice in [${context}]`)
      keys.set(name, actionName(action, here))
    }
    found.set(context, keys)
  }
  return found
}

function actionName(value: unknown, place: Place): Action | undefined {
  if (value === none) return undefined
  if (typeof value === 'string' && isAction(value)) return value
  const near = typeof value === 'string' ? nearest(value, [...Object.keys(actions), none]) : undefined
  const hint = near === undefined ? 'docs/CONFIGURATION.md lists them' : `did you mean "${near}"?`
  return place.fail(`there is no action ${JSON.stringify(value)}; ${hint}`)
}

/** The one way to write a key: modifiers in their order, names and combined letters small. */
function keyName(written: string, place: Place): string {
  const [, before, key] = /^((?:[^+]+\+)*)([^+]+|\+)$/.exec(written) ?? [undefined, '', '']
  const held = before!.toLowerCase().split('+').slice(0, -1)
  const odd = held.find((modifier) => !modifiers.includes(modifier))
  if (odd !== undefined) place.fail(`"${written}" is no key: "${odd}" is not one of ctrl, alt, shift and super`)
  const sorted = modifiers.filter((modifier) => held.includes(modifier))
  const name = key!.toLowerCase()
  if (namedKeys.includes(name) || functionKey.test(name)) return [...sorted, name].join('+')
  if ([...key!].length !== 1 || /[\s\p{C}]/u.test(key!)) {
    const near = nearest(name, namedKeys)
    place.fail(`"${written}" is no key${near === undefined ? '' : `; did you mean "${[...sorted, near].join('+')}"?`}`)
  }
  if (sorted.length === 0) return key!
  if (sorted.length === 1 && sorted[0] === 'shift')
    place.fail(`"${written}" is no key: of printable characters, write what Shift makes of them, as in "A"`)
  // "ctrl+X" is how many write ctrl+x; without ctrl, a capital is one.
  const shifted = held.includes('shift') || (key !== name && !held.includes('ctrl'))
  return [...modifiers.filter((modifier) => (modifier === 'shift' ? shifted : held.includes(modifier))), name].join('+')
}

function isContext(word: string): word is Context {
  return (contexts as readonly string[]).includes(word)
}

function isAction(word: string): word is Action {
  return Object.hasOwn(actions, word)
}
