import { nearest } from '../config/nearest.ts'

/** Something that is done by its name after a `/`, on the prompt's first and only line. */
export interface SlashCommand {
  name: string
  /** What it does, in a few words. */
  detail: string
  /** Other names that it answers to. */
  also?: readonly string[]
  /** Does it; `value`: what stands after the name, where that is one of `values`. */
  run(value?: string): void
  /** What may stand after the name. */
  values?(): readonly string[]
}

/** A name and nothing else that could be a path: `/etc/hosts` is none. */
const written = /^\/([a-z][a-z0-9.-]*)(?:[ \t]+([^\n]*?))?[ \t]*$/i

/** The commands that a prompt can be, by their names. */
export class SlashCommands {
  private readonly commands: () => readonly SlashCommand[]

  /** `commands`: as they are now. */
  constructor(commands: () => readonly SlashCommand[]) {
    this.commands = commands
  }

  all(): readonly SlashCommand[] {
    return this.commands()
  }

  named(name: string): SlashCommand | undefined {
    return this.commands().find((command) => command.name === name || command.also?.includes(name) === true)
  }

  /**
   * Does what a prompt says, where it is a command. Undefined: it is none. Else `done`, or a sentence on why nothing was
   * done, with the right name.
   */
  run(prompt: string): { done: true } | { done: false; problem: string } | undefined {
    const [, name, value = ''] = written.exec(prompt) ?? []
    if (name === undefined) return undefined
    const command = this.named(name.toLowerCase())
    if (command === undefined) return refused(`there is no /${name}`, name, this.names(), '/')
    const values = command.values?.()
    if (value === '') command.run()
    else if (values === undefined) return { done: false, problem: `/${command.name} takes nothing after its name` }
    else if (values.includes(value)) command.run(value)
    else return refused(`/${command.name}: there is no "${value}"`, value, [...values], '')
    return { done: true }
  }

  private names(): string[] {
    return this.commands().map(({ name }) => name)
  }
}

function refused(problem: string, wrong: string, right: string[], before: string) {
  const near = nearest(wrong, right)
  const hint = near === undefined ? '; a space before it sends it as it is' : `; did you mean ${before}${near}?`
  return { done: false as const, problem: problem + hint }
}
