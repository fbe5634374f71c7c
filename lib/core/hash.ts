/**
 * SHA-256 of bytes or of a text's UTF-8, in hexadecimal. `node:crypto` is loaded when the first hash is asked for: that is a
 * good part of a start, which mostly needs none.
 */
export function sha256(bytes: string | Uint8Array): string {
  const { createHash } = process.getBuiltinModule('node:crypto')
  return createHash('sha256').update(bytes).digest('hex')
}
