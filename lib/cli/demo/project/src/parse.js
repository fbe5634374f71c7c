/** The date that a text like 2024-02-29 names, in local time. */
export function parse(text) {
  const [year, month, day] = text.split('-').map(Number)
  return new Date(year, month - 1, day)
}
