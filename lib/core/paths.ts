import { isAscii } from 'node:buffer'

/**
 * File names are bytes; the rest of the program wants strings. A name that is valid UTF-8 is that text. A byte that is
 * not becomes the lone surrogate U+DC00 + byte, which no valid text holds, so that every name survives the round trip
 * (the scheme of Python's PEP 383, "surrogateescape").
 */

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** The string for a file name given as bytes. */
export function pathFromBytes(bytes: Uint8Array): string {
  // Nearly every name is, and that is told much sooner.
  if (isAscii(bytes)) return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
  try {
    return strict.decode(bytes)
  } catch {
    return escapeInvalid(bytes)
  }
}

/** The bytes of a name made by pathFromBytes, or of any ordinary string. */
export function pathToBytes(path: string): Buffer {
  if (!/[\udc80-\udcff]/.test(path)) return Buffer.from(path)
  const parts: Buffer[] = []
  for (const character of path) {
    const code = character.codePointAt(0)!
    parts.push(code >= 0xdc80 && code <= 0xdcff ? Buffer.from([code - 0xdc00]) : Buffer.from(character))
  }
  return Buffer.concat(parts)
}

/** The bytes of the path of something below a folder. */
export function pathBelow(folder: string, path: string): Buffer {
  return path === '' ? pathToBytes(folder) : Buffer.concat([pathToBytes(folder), Buffer.from('/'), pathToBytes(path)])
}

function escapeInvalid(bytes: Uint8Array): string {
  let text = ''
  let at = 0
  while (at < bytes.length) {
    const length = sequenceLength(bytes[at]!)
    const slice = bytes.subarray(at, at + length)
    try {
      text += strict.decode(slice)
      at += length
    } catch {
      text += String.fromCharCode(0xdc00 + bytes[at]!)
      at += 1
    }
  }
  return text
}

function sequenceLength(lead: number): number {
  if (lead >= 0xf0) return 4
  if (lead >= 0xe0) return 3
  return lead >= 0xc0 ? 2 : 1
}
