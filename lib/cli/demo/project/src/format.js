const two = (number) => String(number).padStart(2, '0')

/** The text that `parse` reads back. */
export function format(date) {
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
}
