import type { Stage } from '../../support/stage.ts'

/** Something that a person does, and what comes of it. It begins and ends in the prompt, with the panes as they were. */
export type Story = [what: string, play: (stage: Stage) => Promise<void>]

/** The project that the stories are about. */
export const files = {
  'README.md': '# Stories\n\nA project for them.\n',
  'src/long.js': Array.from({ length: 60 }, (_, i) => `export const value${i + 1} = ${i + 1}\n`).join(''),
  'src/deep/other.js': 'export const other = true\n',
}

/** Commands are asked about, so that there is something to answer. */
export const config = (backend: string) => `model = "openai/spec"
[sandbox]
backend = "${backend}"
[policy]
run = "ask"
[screen]
escape_ms = 25
`

export const shell = (command: string) => ({ calls: [{ name: 'shell', arguments: { command } }] })
