import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Gives the words for the model that lie in `folder` as NAME.md. Each is read at its first use and kept. */
export function createWords(folder: string): (name: string) => string {
  const read = new Map<string, string>()
  return (name) => {
    const known = read.get(name)
    if (known !== undefined) return known
    const text = readFileSync(join(folder, `${name}.md`), 'utf8').trim()
    read.set(name, text)
    return text
  }
}
