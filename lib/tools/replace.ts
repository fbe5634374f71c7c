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
 * Gives where the old text (which is not empty) is, and the file with each of these replaced.
 */
export function replace(file: string, { old, new: replacement }: Replacement): { places: number[]; text: string } {
  const letter = old.includes('\r') || replacement.includes('\r') || !file.includes('\r\n')
  const searched = letter ? file : file.replaceAll('\r\n', '\n')
  const original = letter ? (position: number) => position : originalPositions(file)
  const most = letter ? false : mostlyCarriage(file)
  const wanted = latin1(old)
  const [plain, carriage] = [latin1(replacement), latin1(replacement.replaceAll('\n', '\r\n'))]
  const places: number[] = []
  const pieces: string[] = []
  let done = 0
  for (let at = searched.indexOf(wanted); at >= 0; at = searched.indexOf(wanted, at + wanted.length)) {
    const [start, end] = [original(at), original(at + wanted.length)]
    const found = file.slice(start, end)
    const ends = found.includes('\n') ? found.includes('\r\n') : most
    pieces.push(file.slice(done, start), !letter && ends ? carriage : plain)
    places.push(start)
    done = end
  }
  return { places, text: pieces.join('') + file.slice(done) }
}

/** Leads from positions in a file whose CRLF became LF, asked for in ascending order, to those in the file itself. */
function originalPositions(file: string): (position: number) => number {
  let next = file.indexOf('\r\n')
  let passed = 0
  return (position) => {
    while (next >= 0 && next - passed < position) {
      passed += 1
      next = file.indexOf('\r\n', next + 2)
    }
    return position + passed
  }
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
