/**
 * The TOML files that come with the program, as JSON, by their text. Parsing them is a good part of a start, so the
 * build puts them here; a file that was edited since is not found by its text, and is parsed like any other.
 */
export const shipped: ReadonlyMap<string, string> = new Map()
