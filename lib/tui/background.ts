/**
 * Whether the background is light that a terminal answers to OSC 11 (`]11;rgb:RRRR/GGGG/BBBB`, one to four hexadecimal
 * digits each, as XParseColor has them); undefined for every other answer.
 */
export function isLight(reply: string): boolean | undefined {
  const parts = /^\]11;rgba?:([0-9a-f]{1,4})\/([0-9a-f]{1,4})\/([0-9a-f]{1,4})/i.exec(reply)
  if (parts === null) return undefined
  const [red, green, blue] = parts.slice(1).map((digits) => Number.parseInt(digits, 16) / (16 ** digits.length - 1))
  // As bright as the eye takes it to be (ITU-R BT.709), near enough without the curve.
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue! > 0.5
}
