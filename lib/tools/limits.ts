/** What the configuration says of the tools, as plain values. */
export interface ToolLimits {
  /** Bytes of one result that the model gets. */
  outputBytes: number
  /** The longest a command may run, in seconds; also what it gets when the model asks for nothing. */
  commandSeconds: number
  /** Patterns as in .gitignore that `list` and `search` leave out besides the project's own. */
  ignore: readonly string[]
}
