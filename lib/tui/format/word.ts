import { cellsOf } from './row.ts'

/** Letters, digits, and what paths, addresses and names are made of. */
const wordly = /[\p{L}\p{N}\p{M}_$./~@%+#:\-?=&]/u
/** What ends a sentence is no part of its last word. */
const ending = /[.:?]/

export function isWordly(character: string): boolean {
  return wordly.test(character)
}

/** The first and the last of the characters of a word, by one of them; undefined where that is in none. */
export function wordAround(characters: readonly string[], at: number): { first: number; last: number } | undefined {
  if (!isWordly(characters[at] ?? '')) return undefined
  let [first, last] = [at, at]
  while (first > 0 && isWordly(characters[first - 1]!)) first -= 1
  while (last + 1 < characters.length && isWordly(characters[last + 1]!)) last += 1
  while (last > at && ending.test(characters[last]!)) last -= 1
  return { first, last }
}

/**
 * The columns of the word at a column of a row's text, the second one not included; `isLast`: nothing comes behind it. Undefined
 * where there is no word.
 */
export function wordColumns(shown: string, column: number): { from: number; to: number; isLast: boolean } | undefined {
  const cells = cellsOf(shown)
  const word = wordAround(
    cells.map(({ text }) => text),
    cells.findIndex((cell) => column < cell.column + cell.width),
  )
  if (word === undefined) return undefined
  const last = cells[word.last]!
  return { from: cells[word.first]!.column, to: last.column + last.width, isLast: word.last + 1 === cells.length }
}
