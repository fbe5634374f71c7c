/** How files begin that are no text, and what they are. */
const beginnings: [string, string][] = [
  ['\x89PNG\r\n', 'A PNG picture'],
  ['\xff\xd8\xff', 'A JPEG picture'],
  ['GIF8', 'A GIF picture'],
  ['%PDF-', 'A PDF document'],
  ['PK\x03\x04', 'A ZIP archive, or a document that is one'],
  ['\x1f\x8b', 'A gzip archive'],
  ['\xfd7zXZ', 'An xz archive'],
  ['\x28\xb5\x2f\xfd', 'A zstd archive'],
  ['\x7fELF', 'A program (ELF)'],
  ['\0asm', 'A WebAssembly module'],
  ['SQLite format 3\0', 'An SQLite database'],
  ['wOF2', 'A WOFF2 font'],
]

/** What a file is, by its first bytes; undefined for text. A NUL is in no text that anybody reads (git's rule). */
export function kindOf(first: Buffer): string | undefined {
  const begin = first.toString('latin1', 0, 32)
  for (const [bytes, kind] of beginnings)
    if (begin.startsWith(bytes)) return kind === 'A PNG picture' ? `${kind}${pngSize(first)}` : kind
  if (begin.startsWith('RIFF') && begin.slice(8, 12) === 'WEBP') return 'A WebP picture'
  return first.includes(0) ? 'A binary file' : undefined
}

/** Width and height stand in the first chunk (PNG 11.2.2). */
function pngSize(first: Buffer): string {
  return first.length >= 24 ? `, ${first.readUInt32BE(16)}x${first.readUInt32BE(20)}` : ''
}

/** Bytes as people say them: `812 bytes`, `12 KB`, `1.5 MB`. */
export function sizeText(size: number): string {
  if (size < 1024) return `${size} ${size === 1 ? 'byte' : 'bytes'}`
  const [unit, value] =
    size < 2 ** 20 ? ['KB', size / 1024] : size < 2 ** 30 ? ['MB', size / 2 ** 20] : ['GB', size / 2 ** 30]
  return `${value < 10 ? value.toFixed(1).replace(/\.0$/, '') : Math.round(value)} ${unit}`
}
