import { expect } from 'chai'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Cell } from './cells.ts'

const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'

/**
 * Compares cells with the golden frame `spec/frames/NAME.txt`: the text, then the looks as a map of letters, then what
 * each letter means. With DRYDOCK_UPDATE_FRAMES set the frame is written instead; look at it before it is committed.
 */
export function expectFrame(name: string, cells: Cell[][]): void {
  const file = new URL(`../frames/${name}.txt`, import.meta.url)
  const frame = frameText(cells)
  if (process.env.DRYDOCK_UPDATE_FRAMES) {
    mkdirSync(dirname(file.pathname), { recursive: true })
    writeFileSync(file, frame)
    return
  }
  if (!existsSync(file)) throw new Error(`No golden frame ${name}: run with DRYDOCK_UPDATE_FRAMES=1 and look at it.`)
  expect(frame).to.equal(readFileSync(file, 'utf8'))
}

/** A blank shows no colour of letters: which one it has depends on what stood there before. */
function lookOf({ text, look }: Cell): string {
  return text === ' ' ? look.replace(/(?:bold |italic |dim )*fg\S+ ?/, '').trim() : look
}

/** Cells as the text of a golden frame. */
export function frameText(cells: Cell[][]): string {
  const meanings = new Map<string, string>([['', '.']])
  const rows = cells.map((row) =>
    row
      .map((cell) => cell.text)
      .join('')
      .trimEnd(),
  )
  const looks = cells.map((row) =>
    row
      .map((cell) => {
        const look = lookOf(cell)
        if (!meanings.has(look)) meanings.set(look, letters[meanings.size - 1] ?? '#')
        return meanings.get(look)!
      })
      .join('')
      .replace(/\.+$/, ''),
  )
  const legend = Array.from(meanings, ([look, letter]) => `${letter} ${look || 'plain'}`)
  return `${[...rows, '--- looks', ...looks, '--- legend', ...legend].join('\n')}\n`
}
