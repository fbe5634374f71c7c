import type { Facts } from '../core/events.ts'
import type { UserMessage } from '../core/messages.ts'

/** Characters of it that the model is told. */
const most = 6000

/** What the model is told of command lines that the person ran in the sandbox's shell: those, and how they ended. */
export function noteOfTyped({ commands }: Facts['terminal.used']): UserMessage {
  const lines = commands.map(({ command, status }) => `$ ${command}${status === 0 ? '' : `   [exit ${status}]`}`)
  let length = 0
  const from = lines.findLastIndex((line) => (length += line.length + 1) > most) + 1
  const left = from > 0 ? [`… ${from} before these`] : []
  const at = `The shell's working directory was ${commands.at(-1)?.cwd} then.`
  const text = ["I typed this myself in the sandbox's shell:", ...left, ...lines.slice(from), '', at].join('\n')
  return { role: 'user', parts: [{ type: 'text', text }] }
}
