/** How many columns a tab is from the next, counted from the start of the line. */
export const tabWidth = 4

/** Shown for a character that would turn the direction of text, or that nobody could see. */
export const INVISIBLE_SIGN = '◌'

/** Anything that needs work: controls, DEL, C1, surrogates, invisible and bidi characters. Most text has none. */
const suspect =
  /\u17b4|\u17b5|[\u180b-\u180f]|[\0-\x1f\x7f-\x9f\xad\u061c\u115f\u1160\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ud800-\udfff\ufeff\uffa0\ufff9-\ufffb]/

/**
 * Whole escape sequences (ECMA-48): control sequences, and the strings (OSC, DCS, SOS, PM, APC) with their terminator.
 * The bodies of strings stop at the next control, so that matching stays linear.
 */
const sequences =
  /(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\n\x1b\x80-\x9f]*(?:\x07|\x1b\\|\x9c)|\x1b[()*+][0-9A-Za-z]|\x1b[=>78cDEHM]/g

const controls = /[\0-\x08\x0a-\x1f]/g
const deletes = /[\x7f-\x9f]/g
const loneSurrogates = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g
const invisible =
  /(?:\u17b4|\u17b5|[\u180b-\u180f]|[\xad\u061c\u115f\u1160\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb]|[\u{e0000}-\u{e0fff}])+/gu

/**
 * One line of text from outside as text that can do nothing to a terminal nor to a reader: escape sequences are taken
 * out whole, control characters are written with a caret (`^[`), each run of bidi controls or invisible characters is
 * one sign, broken surrogates are `�`, tabs spaces up to the next stop. Harmless text comes back as it is.
 */
export function harmless(text: string): string {
  if (!suspect.test(text)) return text
  const safe = text
    .replace(loneSurrogates, '�')
    .replace(sequences, '')
    .replace(controls, (control) => `^${String.fromCharCode(64 + control.charCodeAt(0))}`)
    .replace(deletes, (control) => (control === '\x7f' ? '^?' : '�'))
    .replace(invisible, INVISIBLE_SIGN)
  return safe.includes('\t') ? expandTabs(safe) : safe
}

function expandTabs(text: string): string {
  let line = ''
  for (const [index, part] of text.split('\t').entries()) {
    if (index > 0) line += ' '.repeat(tabWidth - (line.length % tabWidth))
    line += part
  }
  return line
}
