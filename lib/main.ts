import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArguments } from './cli/args.ts'
import type { Command } from './cli/call.ts'
import { type Ended, exitCodeOf } from './cli/exit.ts'
import type { Parts } from './cli/parts.ts'
import { readEnvironment } from './config/environment.ts'
import { Failure } from './core/failure.ts'

/** Milliseconds that the program waits, once it has given everything back, for what still keeps it from ending. */
const leaveMs = 1000

/**
 * The program: reads the command line, runs the command, and turns what went wrong into a sentence and an exit code.
 * `keepCode` is the launcher's: it keeps V8's code cache.
 */
export async function main({ keepCode }: Pick<Parts, 'keepCode'>): Promise<void> {
  const root = join(dirname(fileURLToPath(import.meta.url)), '..')
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
  const { stdin, stdout, stderr } = process
  const parts: Parts = {
    root,
    version,
    environment: readEnvironment(),
    cwd: process.cwd(),
    stdin,
    stdout,
    stderr,
    keepCode,
  }
  // Whoever reads may go away first, as in `| head`: that ends nothing by itself.
  let unsaid: NodeJS.ErrnoException | undefined
  stdout.on('error', (error) => (unsaid ??= error))
  stderr.on('error', () => undefined)
  try {
    const command = await parseArguments(process.argv.slice(2), version)
    let ended = await runCommand(parts, command)
    // A screen may be left for another session.
    while (typeof ended === 'object')
      ended = await runCommand(parts, { name: 'resume', session: ended.resume, list: false, plain: false })
    process.exitCode = ended ?? 0
    await new Promise((resolve) => setImmediate(resolve)) // the last write has failed by then, if it does
    if (unsaid && unsaid.code !== 'EPIPE')
      throw new Failure('disk', `Standard output cannot be written: ${unsaid.message}.`)
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    // It may name a file, or say what something inside said.
    const { visibleText } = await import('./cli/unified.ts')
    stderr.write(`${visibleText(error.message)}\n`)
    process.exitCode = exitCodeOf(error)
  } finally {
    // An engine may never answer a request that a removed container met: that holds nobody's terminal.
    setTimeout(() => process.exit(), leaveMs).unref()
  }
}

/** Each command is loaded when it is called, so that none waits for the others. */
async function runCommand(parts: Parts, command: Command): Promise<Ended | void> {
  switch (command.name) {
    case 'text':
      return void parts.stdout.write(`${command.text}\n`)
    case 'screen':
      return command.plain
        ? (await import('./cli/plain.ts')).plain(parts, command)
        : (await import('./cli/screen.ts')).screen(parts, command)
    case 'run':
      return (await import('./cli/run.ts')).run(parts, command)
    case 'diff':
      return (await import('./cli/changes.ts')).diff(parts, command)
    case 'apply':
      return (await import('./cli/changes.ts')).apply(parts, command)
    case 'discard':
      return (await import('./cli/discard.ts')).discard(parts, command)
    case 'checkpoints':
      return (await import('./cli/undo.ts')).checkpoints(parts, command)
    case 'undo':
      return (await import('./cli/undo.ts')).undo(parts, command)
    case 'commits':
      return (await import('./cli/commits.ts')).commits(parts, command)
    case 'workspaces':
      return (await import('./cli/workspaces.ts')).workspaces(parts, command)
    case 'tools':
      return (await import('./cli/tools.ts')).tools(parts, command)
    case 'policy':
      return (await import('./cli/policy.ts')).policy(parts, command)
    case 'images':
      return (await import('./cli/images.ts')).images(parts, command)
    case 'attach':
      return (await import('./cli/attach.ts')).attach(parts, command)
    case 'resume':
      return (await import('./cli/resume.ts')).resume(parts, command)
    case 'doctor':
      return (await import('./cli/doctor.ts')).doctor(parts)
    case 'demo':
      return command.plain
        ? (await import('./cli/demo-plain.ts')).demoPlain(parts)
        : (await import('./cli/screen.ts')).demoScreen(parts)
  }
}
