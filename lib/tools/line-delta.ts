/** Beyond so many differing lines on one side the count is a rough one: all of them, instead of the least. */
const exactUpTo = 5000

/** How many lines a change adds and removes. */
export interface LineDelta {
  added: number
  removed: number
}

/** The lines by which two texts differ, given as strings of any coding. */
export async function lineDelta(before: string, after: string): Promise<LineDelta> {
  const [old, now] = [split(before), split(after)]
  let start = 0
  while (start < old.length && start < now.length && old[start] === now[start]) start += 1
  let end = 0
  while (end < old.length - start && end < now.length - start && old.at(-1 - end) === now.at(-1 - end)) end += 1
  const [removed, added] = [old.slice(start, old.length - end), now.slice(start, now.length - end)]
  const rough = { added: added.length, removed: removed.length }
  if (added.length === 0 || removed.length === 0 || Math.max(added.length, removed.length) > exactUpTo) return rough
  const { diffArrays } = await import('diff')
  const parts = diffArrays(removed, added, { maxEditLength: 2000 })
  if (!parts) return rough
  const count = (side: 'added' | 'removed') => parts.reduce((sum, part) => sum + (part[side] ? part.count : 0), 0)
  return { added: count('added'), removed: count('removed') }
}

/** `+6 −2`, without the side on which nothing happened. */
export function deltaText({ added, removed }: LineDelta): string {
  return [added > 0 ? `+${added}` : '', removed > 0 ? `−${removed}` : ''].filter(Boolean).join(' ') || 'unchanged'
}

/** A last line without its newline is another line than the same with it, as git sees it. */
function split(text: string): string[] {
  return text === '' ? [] : text.split(/(?<=\n)/)
}
