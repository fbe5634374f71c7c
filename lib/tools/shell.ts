import type { Job } from '../core/events.ts'
import { Failure } from '../core/failure.ts'
import type { Exit } from '../sandbox/sandbox.ts'
import { heed } from './abort.ts'
import type { ToolLimits } from './limits.ts'
import { Output, type OutputFiles } from './output.ts'
import { TerminalText } from './terminal-text.ts'
import type { Tool } from './tool.ts'

export interface ShellArguments {
  command: string
  /** Seconds. */
  timeout?: number
  /** Whether the person may type into it. */
  interactive?: boolean
}

/** Said on the call's card, and not to the model. */
const waiting = 'Waits for you: the keyboard of the terminal is yours. Give it back, and this runs.\n'

/** Processes of a command that are named to the model. */
const jobsNamed = 5

/** `shell`: one command in the session's shell. */
export function shellTool(
  limits: ToolLimits,
  words: (name: string) => string,
  kept: OutputFiles,
): Tool<ShellArguments> {
  const most = limits.commandSeconds
  return {
    name: 'shell',
    get description() {
      return words('shell')
    },
    schema: {
      type: 'object',
      properties: {
        command: { type: 'string', minLength: 1, description: 'What bash is to run; several lines will do.' },
        timeout: { type: 'number', exclusiveMinimum: 0, description: `Seconds it may take; ${most} at most.` },
        interactive: { type: 'boolean', description: 'Gives it the terminal, for the person to type into.' },
      },
      required: ['command'],
      additionalProperties: false,
    },
    risk: () => 'run',
    summary: ({ command }) => command,
    preview: ({ command }) => ({ kind: 'command', text: command }),
    async execute({ command, timeout = most, interactive = false }, context) {
      if (command.includes('\0'))
        throw new Failure('usage', 'The command holds a NUL character, which bash cannot take.')
      const { sandbox, signal, onOutput } = context
      const seconds = Math.min(timeout, most)
      const shell = await heed(signal, sandbox.shell())
      const { cwd: before, jobs } = shell
      const terminal = new TerminalText()
      const output = new Output(limits.outputBytes)
      const hear = (text: string) => {
        if (text === '') return
        output.add(text)
        onOutput(text)
      }
      const exit = await shell.run(command, {
        signal,
        timeoutMs: seconds * 1000,
        interactive,
        onWaiting: () => onOutput(waiting),
        onOutput: (text) => hear(terminal.push(text)),
      })
      hear(terminal.end())
      const text = await output.end(sandbox, kept)
      const { summary, note } = ending(exit, seconds)
      const moved = shell.cwd === before ? '' : `the working directory is now ${shell.cwd}`
      const reached = (exit.breaches ?? []).map((breach) => breach.text)
      const notes = [note, ...reached, ...background(jobs, shell.jobs), moved].filter(Boolean)
      const open = text === '' || text.endsWith('\n') ? '' : '\n'
      const told = notes.length > 0 ? `${open}[${notes.join('; ')}]` : ''
      return { ok: exit.reason === 'exited' && exit.code === 0, text: `${text}${told}` || '[no output]', summary }
    },
  }
}

/** What of the jobs is new, and what has ended. */
function background(before: readonly Job[], now: readonly Job[]): string[] {
  return [
    ...without(now, before).map(({ processes }) => {
      const named = processes.slice(0, jobsNamed).map(({ pid, words }) => `${pid} (${words.slice(0, 60)})`)
      return `running on in the background: ${named.join(', ')}${processes.length > jobsNamed ? ' and more' : ''}`
    }),
    ...without(before, now).map(({ command }) => `no longer running in the background: ${command.slice(0, 100)}`),
  ]
}

function without(jobs: readonly Job[], others: readonly Job[]): Job[] {
  return jobs.filter(({ id }) => !others.some((other) => other.id === id))
}

function ending({ reason, code, signal }: Exit, seconds: number): { summary: string; note: string } {
  switch (reason) {
    case 'timeout':
      return { summary: `timed out after ${seconds} s`, note: `timed out after ${seconds} s and was ended` }
    case 'cancelled':
      return { summary: 'cancelled', note: 'cancelled by the person before it ended' }
    case 'lost':
      return {
        summary: 'shell lost',
        note: 'the shell went away under the command; the next command gets a new one, with a fresh environment',
      }
    case 'limit':
      return { summary: 'ended at a limit', note: 'ended' }
    case 'exited':
      if (signal !== null) return { summary: `killed by ${signal}`, note: `killed by ${signal}` }
      return code === 0 ? { summary: 'ok', note: '' } : { summary: `exit ${code}`, note: `exit ${code}` }
  }
}
