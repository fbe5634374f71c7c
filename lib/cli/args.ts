import { existsSync } from 'node:fs'
import { nearest } from '../config/nearest.ts'
import { modes, type Risk } from '../core/events.ts'
import { Failure } from '../core/failure.ts'
import type { Verdict } from '../config/schema.ts'
import { soloNames } from '../tui/arrangement.ts'
import { checkWorkspaceName } from '../workspace/name.ts'
import { type Command, type Grant, imagesActions, type WorkspacesAct } from './call.ts'

const risks: Risk[] = ['read', 'write', 'run', 'network', 'project', 'discard', 'secrets']
const verdicts: Verdict[] = ['allow', 'ask', 'deny']

export const commandNames = [
  'run',
  'diff',
  'apply',
  'discard',
  'checkpoints',
  'undo',
  'commits',
  'workspaces',
  'tools',
  'policy',
  'images',
  'attach',
  'resume',
  'doctor',
  'demo',
]

/**
 * Reads the command line. What opens the screen is read at once; yargs is loaded for all else, so that the first frame
 * does not wait for it. Failure `usage` for what cannot be understood.
 */
export async function parseArguments(argv: string[], version: string): Promise<Command> {
  const [first] = argv
  const near = first === undefined || isCommand(first) ? undefined : nearest(first, commandNames)
  if (near !== undefined && !existsSync(first!))
    throw new Failure('usage', `There is no command and no folder ${first}; did you mean \`agent ${near}\`?`)
  return screenCall(argv) ?? parseWithYargs(argv, version)
}

function isCommand(word: string): boolean {
  return word === 'help' || commandNames.includes(word)
}

/** `agent [DIR] [--model P/M] [--backend B]`; undefined for any other call, and for one that is not right. */
function screenCall(argv: string[]): Extract<Command, { name: 'screen' }> | undefined {
  const call: Extract<Command, { name: 'screen' }> = { name: 'screen' }
  const rest = [...argv]
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    const key = word === '--model' ? 'model' : word === '--backend' ? 'backend' : 'dir'
    const value = key === 'dir' ? word : rest.shift()
    if (value === undefined || value === '' || value.startsWith('-') || call[key] !== undefined) return undefined
    call[key] = value
  }
  return call.dir !== undefined && isCommand(call.dir) ? undefined : call
}

async function parseWithYargs(argv: string[], version: string): Promise<Command> {
  const { default: yargs } = await import('yargs')
  const { ownImages } = await import('../sandbox/recipe.ts')
  // yargs drops what stands behind `--`: a path or a prompt that begins with a dash.
  const end = argv.includes('--') ? argv.indexOf('--') : argv.length
  const literal = argv.slice(end + 1)
  let command: Command | undefined
  let shown = ''
  const parser = yargs()
    .locale('en')
    .scriptName('agent')
    .usage('$0 [DIR]\n\nA coding agent that works in a container, on a copy-on-write workspace of your project.')
    .option('model', { type: 'string', requiresArg: true, describe: 'The model, as provider/model' })
    .option('backend', {
      type: 'string',
      requiresArg: true,
      describe: 'What everything happens in: auto, container, embedded, or local (no sandbox)',
    })
    .check((args) => {
      for (const name of ['model', 'backend'])
        if (Array.isArray(args[name])) throw new Error(`--${name} is given twice.`)
      return true
    })
    .command(
      '$0 [dir]',
      'Open the screen on a project (default: the folder you stand in)',
      (y) =>
        y.positional('dir', { type: 'string' }).options({
          mode: sessionMode,
          workspace: sessionWorkspace,
          plain: { type: 'boolean', describe: 'Lines in, lines out: for screen readers and simple terminals' },
        }),
      ({ dir, model, backend, mode, workspace, plain }) =>
        void (command = { name: 'screen', dir, model, backend, mode, workspace, plain }),
    )
    .command(
      'run [prompt]',
      'Do one prompt without a screen; reads standard input when PROMPT is - or absent',
      (y) =>
        y
          .positional('prompt', { type: 'string' })
          .option('json', { type: 'boolean', default: false, describe: 'Print one event a line, as JSON' })
          .option('apply', { type: 'boolean', default: false, describe: 'Apply the changes to the project at the end' })
          .option('allow', {
            type: 'string',
            requiresArg: true,
            coerce: grants,
            describe: 'Grant ahead what would be asked, as in network,project,image',
          })
          .option('max-turns', { type: 'number', requiresArg: true, describe: 'Stop after so many model calls' })
          .option('max-time', { type: 'number', requiresArg: true, describe: 'Stop after so many seconds' })
          .option('max-cost', { type: 'number', requiresArg: true, describe: 'Stop after so many US dollars' })
          .option('resume', { type: 'string', requiresArg: true, describe: 'Go on with this session, by its name' })
          .option('continue', {
            type: 'boolean',
            default: false,
            describe: 'Go on with the latest session of this project',
          })
          .options({ mode: sessionMode, workspace: sessionWorkspace })
          .check((args) => {
            if (args.continue && args.resume !== undefined) throw new Error('Give --resume or --continue, not both.')
            if (args.apply && args.mode !== undefined) throw new Error('--apply is --mode turn: give one of the two.')
            for (const name of ['max-turns', 'max-time', 'max-cost'] as const)
              if (args[name] !== undefined && !(args[name] > 0)) throw new Error(`--${name} wants a number above 0.`)
            return true
          }),
      (args) =>
        void (command = {
          name: 'run',
          // yargs gives `-` as an empty text.
          prompt: args.prompt || literal.join(' ') || undefined,
          json: args.json,
          apply: args.apply,
          mode: args.mode,
          allow: args.allow ?? [],
          maxTurns: args.maxTurns,
          maxTime: args.maxTime,
          maxCost: args.maxCost,
          workspace: args.workspace,
          resume: args.continue ? '' : args.resume,
          model: args.model,
          backend: args.backend,
        }),
    )
    .command(
      'diff [path..]',
      'Show what the workspace changes in the project',
      (y) =>
        y
          .positional('path', { type: 'string', array: true, default: [] as string[] })
          .options({ workspace: keptWorkspace }),
      ({ path, workspace }) => void (command = { name: 'diff', paths: [...path, ...literal], workspace }),
    )
    .command(
      'apply [path..]',
      'Write the changes (or those at the paths) to the project',
      (y) =>
        y
          .positional('path', { type: 'string', array: true, default: [] as string[] })
          .option('hunks', {
            type: 'string',
            requiresArg: true,
            coerce: numbers,
            describe: 'Of the one PATH only these, by their number in `agent diff`, as in 1,3',
          })
          .option('allow-sensitive', {
            type: 'string',
            array: true,
            nargs: 1,
            default: [] as string[],
            describe: 'A file to apply although it can run commands outside the sandbox (hooks, CI, editor settings)',
          })
          .options({ workspace: keptWorkspace }),
      ({ path, allowSensitive: allowed, hunks, workspace }) =>
        void (command = { name: 'apply', paths: [...path, ...literal], allowed, hunks, workspace }),
    )
    .command(
      'discard [path..]',
      'Throw changes away; what was thrown away can be brought back',
      (y) =>
        y
          .positional('path', { type: 'string', array: true, default: [] as string[] })
          .option('yes', { alias: 'y', type: 'boolean', default: false, describe: 'Do not ask' })
          .option('restore', {
            type: 'string',
            requiresArg: true,
            describe: 'Bring back what an earlier discard took, by the number that it said',
          })
          .options({ workspace: keptWorkspace }),
      ({ path, yes, restore, workspace }) =>
        void (command = { name: 'discard', paths: [...path, ...literal], yes, restore, workspace }),
    )
    .command(
      'checkpoints',
      'List the moments that the workspace can go back to, and forward again',
      (y) => y.options({ workspace: keptWorkspace }),
      ({ workspace }) => void (command = { name: 'checkpoints', workspace }),
    )
    .command(
      'undo [turn]',
      'Undo the last turn, or go to the end of one by its number in `agent checkpoints` (0: the beginning)',
      (y) =>
        y
          .positional('turn', { type: 'string' })
          .option('yes', { alias: 'y', type: 'boolean', default: false, describe: 'Do not ask' })
          .options({ workspace: keptWorkspace }),
      ({ turn, yes, workspace }) => void (command = { name: 'undo', to: turn, yes, workspace }),
    )
    .command(
      'commits [act] [revision]',
      'List what the agent committed in its workspace; `fetch` brings it to the project as a branch of its own',
      (y) =>
        y
          .positional('act', { type: 'string', choices: ['list', 'fetch'] as const, default: 'list' as const })
          .positional('revision', { type: 'string', describe: "A branch of the workspace's (default: its HEAD)" })
          .option('as', { type: 'string', requiresArg: true, describe: 'Name the branch drydock/AS' })
          .option('yes', { alias: 'y', type: 'boolean', default: false, describe: 'Do not ask' })
          .option('workspace', keptWorkspace),
      ({ act, revision, as, yes, workspace }) =>
        void (command = { name: 'commits', act, revision, as, yes, workspace }),
    )
    .command(
      'workspaces [act] [name] [new-name]',
      'List the workspaces of all projects; `prune` removes those without unapplied work, `remove NAME` and `rename NAME NEW-NAME` are about one of this project',
      (y) =>
        y
          .positional('act', { type: 'string', choices: ['list', 'prune', 'remove', 'rename'], default: 'list' })
          .positional('name', { type: 'string' })
          .positional('new-name', { type: 'string' })
          .option('json', { type: 'boolean', default: false, describe: 'List one workspace a line, as JSON' })
          .option('yes', { alias: 'y', type: 'boolean', default: false, describe: 'Do not ask' }),
      ({ act, name, newName, json, yes }) =>
        void (command = { name: 'workspaces', act: workspacesAct(act, name, newName), yes, json }),
    )
    .command(
      'tools [name]',
      'List the tools that the model has, or tell all about one',
      (y) => y.positional('name', { type: 'string' }),
      ({ name }) => void (command = { name: 'tools', tool: name }),
    )
    .command(
      'policy [risk] [verdict]',
      'Show what is allowed, asked about or denied, or change it',
      (y) =>
        y
          .positional('risk', { type: 'string', choices: risks })
          .positional('verdict', { type: 'string', choices: verdicts }),
      ({ risk, verdict }) => void (command = { name: 'policy', risk, verdict }),
    )
    .command(
      'images [action] [image]',
      'List the images of the sandbox, build one (of the project if not named), or remove those of no use',
      (y) =>
        y
          .positional('action', { choices: imagesActions, default: 'list' as const })
          .positional('image', { choices: ownImages })
          .option('json', { type: 'boolean', default: false, describe: 'Print it as JSON' })
          .option('yes', { alias: 'y', type: 'boolean', default: false, describe: 'Do not ask' })
          .check(({ action, image }) => {
            if (image !== undefined && action !== 'build') throw new Error(`images ${action} takes no image.`)
            return true
          }),
      ({ action, image, json, yes }) => void (command = { name: 'images', action, image, json, yes }),
    )
    .command(
      'attach [session]',
      'Look on at a session that runs, from another terminal (default: the newest of this project)',
      (y) =>
        y
          .positional('session', { type: 'string', describe: 'Its name, or the beginning of it' })
          .option('view', { choices: soloNames, requiresArg: true, describe: 'Show this alone' })
          .option('file', { type: 'string', requiresArg: true, describe: 'The file that the viewer shows' })
          .check(({ view, file }) => {
            if (file !== undefined && view !== 'viewer') throw new Error('--file is for --view viewer.')
            return true
          }),
      ({ session, view, file }) => void (command = { name: 'attach', session, view, file }),
    )
    .command(
      'resume [session]',
      'Go on with a session: with one that lost its terminal, or else with the latest of this project, from its log',
      (y) =>
        y
          .positional('session', { type: 'string', describe: 'Its name, or the beginning of it' })
          .option('list', { type: 'boolean', default: false, describe: 'List the sessions of this project' })
          .option('plain', { type: 'boolean', default: false, describe: 'Without a screen, line by line' })
          .options({ mode: sessionMode }),
      ({ session, list, plain, mode, model, backend }) =>
        void (command = { name: 'resume', session, list, plain, mode, model, backend }),
    )
    .command('doctor', 'Say what is fine, what is not, and what to do', {}, () => void (command = { name: 'doctor' }))
    .command(
      'demo',
      'Watch a scripted model mend a small project',
      (y) => y.option('plain', { type: 'boolean', default: false, describe: 'Without a screen' }),
      ({ plain }) => void (command = { name: 'demo', plain }),
    )
    .strict()
    .version(version)
    .help()
    .wrap(100)
    .exitProcess(false)
    .fail((message, error) => {
      if (error instanceof Failure) throw error
      const sentence = (message ?? error.message).trim()
      const help = commandNames.includes(argv[0] ?? '') ? `agent ${argv[0]} --help` : 'agent --help'
      throw new Failure('usage', `${sentence}${/[.!?]$/.test(sentence) ? '' : '.'} See \`${help}\`.`)
    })
  await parser.parseAsync(
    argv.slice(0, end),
    {},
    (_error: unknown, _args: unknown, output: string) => void (shown = output),
  )
  return command && !shown ? command : { name: 'text', text: shown }
}

/** How a session works, and the default is the configuration's. */
const sessionMode = {
  type: 'string',
  requiresArg: true,
  choices: modes,
  describe: 'How it works: plan (it reads and no more), review, turn or live (when changes are applied)',
} as const

/** The workspace of a session, and that of a command which is about what sessions left. */
const sessionWorkspace = {
  type: 'string',
  coerce: checkWorkspaceName,
  requiresArg: true,
  describe: 'The workspace to work in, by its name',
} as const
const keptWorkspace = { ...sessionWorkspace, describe: 'The workspace, by its name in `agent workspaces`' }

function workspacesAct(act: string, name?: string, newName?: string): WorkspacesAct {
  const names = [name, newName].flatMap((given) => (given === undefined ? [] : [checkWorkspaceName(given)]))
  const usage = { remove: 'remove NAME', rename: 'rename NAME NEW-NAME' }
  if (act === 'remove' && names.length === 1) return { act, workspace: names[0]! }
  if (act === 'rename' && names.length === 2) return { act, from: names[0]!, to: names[1]! }
  if ((act === 'list' || act === 'prune') && names.length === 0) return { act }
  const right = act === 'remove' || act === 'rename' ? usage[act] : act
  throw new Failure('usage', `It is \`agent workspaces ${right}\`.`)
}

function numbers(text: string): number[] {
  const found = text.split(',').map(Number)
  if (found.some((number) => !Number.isInteger(number) || number < 1))
    throw new Failure('usage', `--hunks wants numbers above 0, as in 1,3, and not "${text}".`)
  return found
}

function grants(text: string): Grant[] {
  const names = text.split(',').map((name) => name.trim())
  const known: string[] = [...risks, 'image']
  const unknown = names.find((name) => !known.includes(name))
  if (unknown !== undefined)
    throw new Failure('usage', `--allow does not know "${unknown}"; it takes ${known.join(', ')}.`)
  return names as Grant[]
}
