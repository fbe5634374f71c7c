/** One exact replacement, as the model gives it. */
export interface Replacement {
  old: string
  new: string
  all?: boolean
}

/**
 * Replaces a text in a file given as bytes (a `latin1` string, one character a byte), so that what is not UTF-8, a byte
 * order mark and line ends stay as they are. Text with LF also matches CRLF, and what replaces it then gets CRLF; text
 * that itself holds a carriage return is taken to the letter.
 *
 * Gives where the old text is, and the file with each of these replaced.
 */
export function replace(file: string, { old, new: replacement }: Replacement): { places: number[]; text: string } {
  const letter = old.includes('\r') || replacement.includes('\r') || !file.includes('\r\n')
  const wanted = latin1(old)
  const pattern = letter ? escape(wanted) : escape(wanted).replaceAll('\n', '\\r?\\n')
  const [plain, carriage] = [latin1(replacement), latin1(replacement.replaceAll('\n', '\r\n'))]
  const most = letter ? false : mostlyCarriage(file)
  const places: number[] = []
  const text = file.replaceAll(new RegExp(pattern, 'g'), (found: string, at: number) => {
    places.push(at)
    const ends = found.includes('\n') ? found.includes('\r\n') : most
    return !letter && ends ? carriage : plain
  })
  return { places, text }
}

/** The line, from 1, that a position in the text is on. */
export function lineAt(text: string, position: number): number {
  let line = 1
  for (let at = text.indexOf('\n'); at >= 0 && at < position; at = text.indexOf('\n', at + 1)) line += 1
  return line
}

/** What a place without a line end goes by. */
function mostlyCarriage(file: string): boolean {
  return (file.split('\r\n').length - 1) * 2 > file.split('\n').length - 1
}

function latin1(text: string): string {
  return Buffer.from(text).toString('latin1')
}

function escape(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&')
}
