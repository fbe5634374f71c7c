/** Owners and extended attributes stay behind: without capabilities nobody inside may set them. */
const gnu = 'cp -dR --preserve=mode,timestamps,links --reflink=auto'

/**
 * The shell script that copies the project, which lies at `from`, into the folder `$1`, run inside; where the file system can, the blocks are
 * shared. With `update` only what is newer: what only the workspace has stays. Left out are the `apart` paths and the
 * project's git.
 */
export function copyScript(
  apart: readonly string[],
  { update, from: project = '/project' }: { update: boolean; from?: string },
): string {
  const lines = ['set -e', `if cp --help 2>&1 | grep -q -e --reflink; then cp='${gnu}'; else cp='cp -a'; fi`]
  for (const [folder, leftOut] of foldersAround(['.git', ...apart])) {
    const [from, to] = [`${project}/${folder}`, `"$1"${quoted(`/${folder}`)}`]
    if (folder !== '') {
      lines.push(`mkdir -p ${to}`, `chmod "$(stat -c %a ${quoted(from)})" ${to}`)
    }
    const others = [...leftOut].map((name) => `! -name ${quoted(literal(name))}`).join(' ')
    lines.push(`find ${quoted(from)} -mindepth 1 -maxdepth 1 ${others} -exec $cp ${update ? '-u ' : ''}-t ${to} {} +`)
  }
  return `${lines.join('\n')}\n`
}

/** The folders above the paths, from the top, each with the names in it that cannot be copied whole. */
function foldersAround(paths: readonly string[]): Map<string, Set<string>> {
  const folders = new Map<string, Set<string>>()
  for (const path of paths) {
    const parts = path.split('/')
    for (const [depth, name] of parts.entries()) {
      const folder = parts.slice(0, depth).join('/')
      folders.set(folder, (folders.get(folder) ?? new Set()).add(name))
    }
  }
  return folders
}

/** As one word of the shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`
}

/** As a pattern of find that fits this name alone. */
function literal(name: string): string {
  return name.replaceAll(/[\\*?[\]]/g, String.raw`\$&`)
}
