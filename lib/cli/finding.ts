/** What one look of `agent doctor` found. `todo` says what to do; without it the thing is fine. */
export interface Finding {
  about: string
  text: string
  /** One line or more. */
  todo?: string
  /** The program works without it. */
  minor?: boolean
  /** Shown in red where there are colours. */
  alarm?: boolean
}
