import type { Change } from '../core/changes.ts'
import type { Changed } from './changes.ts'
import { hashIn } from './leaf.ts'

/** Which added path is which deleted one under a new name: files of the same bytes, one on each side. New path → old. */
export function renamesIn(changed: readonly Changed[]): Map<string, string> {
  const deleted = new Map<string, Changed[]>()
  const added = new Map<string, Changed[]>()
  for (const one of changed) {
    const { change, base, workspace } = one
    if (change.size === 0 && change.kind === 'added') continue
    if (change.refused !== undefined || change.sensitive !== undefined) continue
    if (change.kind === 'deleted' && hashIn(base)) put(deleted, base, one)
    if (change.kind === 'added' && hashIn(workspace)) put(added, workspace, one)
  }
  const renames = new Map<string, string>()
  for (const [identity, [now, ...others]] of added) {
    const [before, ...more] = deleted.get(identity) ?? []
    if (now && before && others.length + more.length === 0) renames.set(now.path, before.path)
  }
  return renames
}

/** The changes as the person sees them: a file under a new name is one change. */
export function withRenames(changed: readonly Changed[]): Change[] {
  const renames = renamesIn(changed)
  const sources = new Set(renames.values())
  return changed.flatMap(({ change }): Change[] => {
    const from = renames.get(change.path)
    if (sources.has(change.path)) return []
    return [from === undefined ? change : { ...change, kind: 'renamed', from, added: 0, removed: 0 }]
  })
}

function put(map: Map<string, Changed[]>, key: string, one: Changed): void {
  map.set(key, [...(map.get(key) ?? []), one])
}
