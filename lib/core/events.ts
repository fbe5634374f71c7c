import type { ApplyReport, Change, FileDiff, Selection } from './changes.ts'
import type { Destination, Restoration } from './checkpoints.ts'
import type { FailureFact } from './failure.ts'
import type { Message, Usage } from './messages.ts'

/** How far the person lets changes go by themselves. `review`: by hand; `turn`: at a turn's end; `live`: each edit. */
export type ApplyMode = 'review' | 'turn' | 'live'

/** How the agent works, in the order in which one key goes through them. `plan`: it reads and searches, and no more. */
export const modes = ['plan', 'review', 'turn', 'live'] as const

export type Mode = (typeof modes)[number]

/** What something may touch. The policy says for each whether it is allowed, asked about or denied. */
export type Risk = 'read' | 'write' | 'run' | 'network' | 'project' | 'discard' | 'secrets'

/** What a question is about: a risk of the policy, building an image, or trusting what a project brings. */
export type QuestionKind = Risk | 'image' | 'trust'

/**
 * `once`: this time; `session`: until the program ends; `project`: kept for this project by whoever asks; `always`: kept
 * in the person's configuration.
 */
export type Answer = 'once' | 'session' | 'project' | 'always' | 'no'

export interface Question {
  id: string
  kind: QuestionKind
  /** The question itself, one line. */
  title: string
  /** What exactly will run or change, where that is a command or files: never cut by whoever asks. */
  shows?: Shows
  /** What else exactly will run, change or be believed; one entry a line, never cut by whoever asks. */
  body: string[]
  /** The answers on offer, in the order to show; `label` says what each would do or remember. */
  choices: { key: string; answer: Answer; label: string }[]
  /** The tool call that waits for it, if one does, its arguments as the model wrote them; a yes is followed by its `tool.started`. */
  call?: { id: string; name: string; summary: string; arguments?: string }
}

export type Shows =
  { kind: 'command'; text: string } | { kind: 'diff'; files: (Pick<FileDiff, 'hunks' | 'note'> & { path: string })[] }

/**
 * What decided on a request to the network: the configuration's list, the policy, an answer of the person's or that none
 * came, or that it led to an address that is never allowed.
 */
export type NetworkGround = 'config' | 'policy' | 'once' | 'session' | 'project' | 'no' | 'unanswered' | 'address'

/** A port that listens in the sandbox; `local`: where it answers at 127.0.0.1 of this machine, once it was opened. */
export interface Port {
  port: number
  local?: number
}

/** What a command of the sandbox's shell has left running in the background. */
export interface Job {
  id: string
  /** The command that started it, as it was given. */
  command: string
  processes: readonly { pid: number; words: string }[]
}

/** What the sandbox uses at a moment. What is not known is left out. */
export interface Stats {
  /** Processors in use since the sample before: 1.5 is one and a half. */
  cpus?: number
  /** Bytes. */
  memory?: number
  /** Processes and threads. */
  pids?: number
  /** Bytes of the workspace's changes and of home. */
  disk?: number
  /** What it may use at most, in the same units. */
  limits: { cpus: number; memory: number; pids: number; disk: number }
}

/** Bytes that went out of the sandbox and came in, by way of the proxy. */
export interface Traffic {
  sent: number
  received: number
}

export type SandboxState = 'starting' | 'building' | 'ready' | 'failed' | 'gone'

/** A step of what the model intends. */
export interface PlanStep {
  text: string
  state: 'pending' | 'doing' | 'done'
}

/** Who types in the agent's terminal. */
export type KeyboardHolder = 'agent' | 'person'

/** `interrupted`: the program ended before the turn did; said when the session is taken up again. */
export type TurnEnd = 'done' | 'cancelled' | 'failed' | 'limit' | 'interrupted'

/** Intents: requests, each with one consumer. */
export interface Intents {
  'prompt.submit': { text: string }
  /** Takes back what waits for the turn's end: the last prompt or command of that text. */
  'prompt.recall': { text: string }
  /** A command of the person's own, run in the sandbox's shell. */
  'command.submit': { command: string }
  'turn.cancel': Record<string, never>
  'approval.answer': { id: string; answer: Answer; /** What the model is told on a no. */ remark?: string }
  'model.choose': { model: string }
  'mode.choose': { mode: Mode }
  /** `over`: files in conflict of which the project gets the workspace's version. */
  'changes.apply': { selection: Selection; over?: string[] }
  'changes.discard': { selection: Selection }
  /** Brings what the agent committed to the project, as a branch of its own. */
  'commits.fetch': Record<string, never>
  /** Lets a port of the sandbox answer on this machine. */
  'port.open': { port: number }
  /** What the person types in the agent's terminal, as a terminal sends it. */
  'terminal.input': { bytes: string }
  /** Cells that the agent's terminal is shown in. */
  'terminal.resize': { cols: number; rows: number }
  /** Takes the keyboard of the agent's terminal, or gives it back. */
  'keyboard.choose': { holder: KeyboardHolder }
  'turn.undo': { to: Destination }
  /** Somebody looks at what the sandbox uses: it is told for some seconds more, be a turn at work or not. */
  'stats.ask': Record<string, never>
  /** One of the choices of `setup.offered`; `secret` is what was pasted for a choice that wants one. */
  'setup.choose': { key: string; secret?: string }
  'app.quit': Record<string, never>
}

/** A way to begin where no model is configured. `key` is pressed or clicked to choose it. */
export interface SetupChoice {
  key: string
  label: string
  detail: string
  /** Choosing it asks for a secret first, typed masked and handed to nobody but `setup.choose`. */
  secret?: boolean
}

/** Facts: past events, each with one producer. Times are milliseconds since 1970, durations milliseconds. */
export interface Facts {
  'session.opened': {
    id: string
    project: string
    branch?: string
    model?: string
    mode: Mode
    /** There is no sandbox. */
    local?: true
    /** It had ended, and is gone on with. */
    resumed?: true
    at: number
  }
  /** No model is configured: what the person may do about it. Gone once `model.chosen` names one. */
  'setup.offered': { choices: SetupChoice[] }
  'sandbox.status': {
    state: SandboxState
    /** One line: what is going on, or why it failed. */
    text: string
    /** Once it is ready: which of the project's workspaces it works on, where that is not the main one. */
    workspace?: string
  }
  'model.chosen': { model: string }
  'mode.chosen': { mode: Mode }
  /** A prompt came in while a turn was at work; it starts when that ends. */
  'prompt.queued': { text: string }
  /** What waited was taken back: it is not going to start. */
  'prompt.recalled': { text: string; kind: 'prompt' | 'command' }
  'turn.started': { turn: number; kind: 'prompt' | 'command'; prompt: string; at: number }
  'text.delta': { turn: number; kind: 'text' | 'thought'; text: string }
  /** The model's service failed in a way that is worth another try. */
  'turn.retrying': { turn: number; attempt: number; inMs: number; reason: string }
  'message.added': { turn: number; message: Message }
  'approval.asked': Question
  'approval.settled': { id: string; answer: Answer }
  'tool.started': { turn: number; id: string; name: string; summary: string; arguments: string; at: number }
  'tool.output': { turn: number; id: string; text: string }
  'tool.ended': { turn: number; id: string; ok: boolean; summary: string; text: string; ms: number }
  /** What an answer took. It came to its end at `at`, and streamed in for `ms`. */
  'usage.counted': {
    turn: number
    usage: Usage
    contextTokens: number
    contextLimit?: number
    costUsd?: number
    at: number
    ms: number
  }
  /** `ignored`: what differs and is no change, since a .gitignore names it; a folder, ending in `/`, for all in it. */
  'workspace.changed': { changes: Change[]; ignored?: string[] }
  /** What the person changed in the project at these paths is in the workspace too. */
  'workspace.followed': { paths: readonly string[] }
  'changes.applied': { report: ApplyReport; by: ApplyMode }
  'changes.discarded': { paths: string[]; /** The checkpoint that brings them back. */ checkpoint: string }
  /** The agent's commits are in the project, as this branch. */
  'commits.fetched': { branch: string; commits: number }
  /** A program in the sandbox wanted to reach a host; told before anything went out. */
  'network.requested': { host: string; port: number; allowed: boolean; by: NetworkGround }
  /** About once a second while a turn is at work and while somebody asks for it. */
  'sandbox.stats': Stats & { network: Traffic; at: number }
  /** What the model intends: the whole of it. */
  'plan.changed': { turn: number; steps: readonly PlanStep[] }
  /**
   * What the agent's terminal shows, with its control sequences: some 60 times a second at most, and at most 64 K characters
   * or, while the person has the keyboard, little more. `skipped`: there was more before it.
   */
  'terminal.output': { text: string; skipped?: true }
  /**
   * Who has the keyboard of the agent's terminal. `busy`: the person has given it back, and a command of theirs runs on;
   * `waiting`: the command of the agent's that waits for them.
   */
  'keyboard.changed': { holder: KeyboardHolder; busy: boolean; waiting?: string }
  /** Command lines that the person ran there, once they have given the keyboard back. */
  'terminal.used': { commands: readonly { command: string; status: number; cwd: string }[] }
  /** All that runs in the background now. */
  'jobs.changed': { jobs: readonly Job[] }
  /** All the ports that listen in the sandbox now. */
  'ports.changed': { ports: Port[] }
  /** What a turn left behind can be gone back to. */
  'checkpoint.kept': { turn: number; id: string }
  'turn.undone': Restoration
  'turn.ended': { turn: number; end: TurnEnd; failure?: FailureFact; ms: number; at: number }
  /** Something outside a turn went wrong; the program goes on. */
  'app.failed': { failure: FailureFact }
}

export type Events = Intents & Facts

/**
 * Which events the session log keeps. The table names every event, so that a new one cannot be forgotten.
 * Deltas and output are left out: the message or the result that they add up to is kept whole.
 */
export const durable: Record<keyof Events, boolean> = {
  'prompt.submit': false,
  'prompt.recall': false,
  'command.submit': false,
  'turn.cancel': false,
  'approval.answer': false,
  'model.choose': false,
  'mode.choose': false,
  'changes.apply': false,
  'changes.discard': false,
  'commits.fetch': false,
  'port.open': false,
  'terminal.input': false,
  'terminal.resize': false,
  'keyboard.choose': false,
  'turn.undo': false,
  'stats.ask': false,
  'setup.choose': false,
  'app.quit': false,
  'session.opened': true,
  'setup.offered': false,
  'sandbox.status': true,
  'model.chosen': true,
  'mode.chosen': true,
  'prompt.queued': false,
  'prompt.recalled': false,
  'turn.started': true,
  'text.delta': false,
  'turn.retrying': true,
  'message.added': true,
  'approval.asked': true,
  'approval.settled': true,
  'tool.started': true,
  'tool.output': false,
  'tool.ended': true,
  'usage.counted': true,
  'workspace.changed': true,
  'workspace.followed': false,
  'changes.applied': true,
  'changes.discarded': true,
  'commits.fetched': true,
  'network.requested': true,
  'sandbox.stats': false,
  'plan.changed': true,
  'terminal.output': false,
  'keyboard.changed': false,
  'terminal.used': true,
  'jobs.changed': false,
  'ports.changed': false,
  'checkpoint.kept': true,
  'turn.undone': true,
  'turn.ended': true,
  'app.failed': true,
}
