/** Texts shorter than this, in UTF-16 units, are kept as they are. */
const smallest = 512

/**
 * The value with its long texts packed, those of these names: of a long conversation little is ever looked at again.
 * They are unpacked each time that they are asked for, which takes some 50 µs for an answer of a hundred lines.
 */
export function packed<T extends object>(value: T, names: readonly (keyof T & string)[]): T {
  const long = names.filter((name) => isLong(value[name]))
  if (long.length === 0) return value
  const copy = { ...value }
  for (const name of long) {
    Object.defineProperty(copy, name, { get: unpacking(pack(value[name] as string)), enumerable: true })
  }
  return copy
}

/** Made here, where nothing else is in reach: the closure would keep the text that was packed. */
function unpacking(bytes: Uint8Array): () => string {
  return () => unpack(bytes)
}

function isLong(text: unknown): boolean {
  return typeof text === 'string' && text.length >= smallest
}

/** Loaded when it is first needed: the first frame has nothing to pack. */
const zlib = () => process.getBuiltinModule('node:zlib')

/** UTF-16, so that broken surrogates, which a model may send, come back as they were. */
function pack(text: string): Uint8Array {
  // A copy: what zlib gives is the beginning of a buffer of 16 KB.
  return new Uint8Array(zlib().deflateRawSync(Buffer.from(text, 'utf16le'), { level: 1 }))
}

function unpack(bytes: Uint8Array): string {
  return zlib().inflateRawSync(bytes).toString('utf16le')
}
