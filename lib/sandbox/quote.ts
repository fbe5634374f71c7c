/** Bytes in a line: a terminal's line discipline cuts at 4,096. */
const lineLength = 2000

/** A command as the insides of `$'…'`, in pieces that fit a line. */
export function* pieces(command: string): Generator<string> {
  let piece = ''
  for (const byte of Buffer.from(command)) {
    const plain = byte >= 32 && byte < 127 && byte !== 39 && byte !== 92
    piece += plain ? String.fromCharCode(byte) : `\\${byte.toString(8).padStart(3, '0')}`
    if (piece.length < lineLength - 40) continue
    yield piece
    piece = ''
  }
  if (piece !== '') yield piece
}
