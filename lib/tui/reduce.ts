import type { ApplyReport } from '../core/changes.ts'
import type { Restoration } from '../core/checkpoints.ts'
import type { Events, Facts } from '../core/events.ts'
import { installHints } from '../core/install.ts'
import { abandon, add, changeTool, settle, spoken, toolEntry, withLast, withoutSpeech } from './entries.ts'
import { count } from './format/tokens.ts'
import { counted, sampled } from './monitor/measured.ts'
import type { State } from './state.ts'

const interrupted = 'Interrupted: the program ended before this turn did.'

/** Characters of a running command's output that are kept. */
const outputKept = 16_384
/** Characters of the agent's terminal that are kept: what one sees who opens it late. */
const terminalKept = 131_072

/** The next state after an event. Pure; an event that the screen does not show gives the same object back. */
export function reduce<K extends keyof Events>(state: State, name: K, payload: Events[K]): State {
  const step = (steps as Partial<Record<keyof Events, (state: State, payload: Events[K]) => State>>)[name]
  return step === undefined ? state : step(state, payload)
}

type Steps = { [K in keyof Facts]: (state: State, fact: Facts[K]) => State }

const steps: Steps = {
  'session.opened': (state, { id, project, branch, model, mode, local = false, resumed = false }) => {
    const session = branch === undefined ? { id, project } : { id, project, branch }
    const next = { ...state, local, session, model: model ?? state.model, mode }
    return resumed ? add(next, { kind: 'notice', sign: 'dim', text: 'Taken up again.' }) : next
  },
  'setup.offered': (state, { choices }) => ({ ...state, setup: choices }),
  'sandbox.status': (state, sandbox) => {
    const lost = sandbox.state === 'failed' || sandbox.state === 'gone'
    const next = { ...state, sandbox }
    return lost ? add(next, { kind: 'notice', sign: 'error', text: sandbox.text }) : next
  },
  'model.chosen': (state, { model }) => ({ ...state, model, setup: undefined }),
  'mode.chosen': (state, { mode }) => ({ ...state, mode }),
  'prompt.queued': (state, { text }) => ({ ...state, queue: [...state.queue, text] }),
  'prompt.recalled': (state, { text }) => {
    const at = state.queue.lastIndexOf(text)
    return at < 0 ? state : { ...state, queue: state.queue.toSpliced(at, 1) }
  },
  'turn.started': (state, { turn, kind, prompt, at }) => {
    const queued = state.queue.indexOf(prompt)
    return add(
      {
        ...settle(state),
        turn: { turn, kind, startedAt: at },
        queue: queued < 0 ? state.queue : state.queue.toSpliced(queued, 1),
      },
      { kind: 'prompt', text: prompt, command: kind === 'command' },
    )
  },
  'text.delta': (state, { kind, text }) => {
    const at = state.live.findLastIndex((entry) => entry.kind !== 'notice')
    const last = state.live[at]
    if (last?.kind === kind) return { ...state, live: state.live.with(at, { ...last, text: last.text + text }) }
    return text === '' ? state : add(state, { kind, text })
  },
  'turn.retrying': (state, { attempt, inMs, reason }) => {
    const text = `${reason} Trying again in ${Math.ceil(inMs / 1000)} s (attempt ${attempt}).`
    const before = withoutSpeech(state)
    const last = before.live.at(-1)
    if (last?.kind === 'notice' && last.sign === 'waiting') {
      return withLast(before, { ...last, text })
    }
    return add(before, { kind: 'notice', sign: 'waiting', text })
  },
  'message.added': (state, { message }) => (message.role === 'assistant' ? spoken(state, message) : state),
  'approval.asked': (state, question) => {
    const asking = { ...state, questions: [...state.questions, question] }
    return question.call === undefined ? asking : add(asking, toolEntry(state, question.call, 'waiting', 0))
  },
  'approval.settled': (state, { id }) => ({
    ...state,
    questions: state.questions.filter((question) => question.id !== id),
  }),
  'tool.started': (state, { at, ...call }) => {
    const entry = toolEntry(state, call, 'running', at)
    // A call that was asked about has its line already.
    const asked = state.live.some((one) => one.kind === 'tool' && one.id === call.id && one.state === 'waiting')
    return asked ? changeTool(state, call.id, ({ key }) => ({ ...entry, key })) : add(state, entry)
  },
  'tool.output': (state, { id, text }) =>
    changeTool(state, id, (tool) => ({ ...tool, output: tail(tool.output + text, outputKept) })),
  'tool.ended': (state, { id, ok, summary, text, ms }) =>
    changeTool(state, id, (tool) => ({ ...tool, state: ok ? 'ok' : 'failed', result: summary, output: text, ms })),
  'usage.counted': (state, fact) => ({
    ...state,
    measured: counted(state.measured, fact, state.usage.output, state.next),
    usage: {
      input: state.usage.input + fact.usage.input,
      output: state.usage.output + fact.usage.output,
      costUsd: fact.costUsd === undefined ? state.usage.costUsd : (state.usage.costUsd ?? 0) + fact.costUsd,
      contextTokens: fact.contextTokens,
      contextLimit: fact.contextLimit ?? state.usage.contextLimit,
    },
  }),
  'workspace.changed': (state, { changes, ignored = [] }) => ({ ...state, changes, ignored }),
  // The files are looked at, by whoever shows them.
  'workspace.followed': (state) => state,
  'changes.applied': (state, { report }) => applied({ ...state, report }, report),
  'changes.discarded': (state, { paths }) =>
    add(state, { kind: 'notice', sign: 'dim', text: `Discarded ${count(paths.length, 'file')}: ${paths.join(', ')}` }),
  'commits.fetched': (state, { branch, commits }) =>
    add(state, { kind: 'notice', sign: 'ok', text: `Fetched ${count(commits, 'commit')} as the branch ${branch}` }),
  // The log has it; what the person has to know, they were asked.
  'network.requested': (state) => state,
  'ports.changed': (state, { ports }) => ({ ...state, ports }),
  'plan.changed': (state, { steps: plan }) => ({ ...state, plan }),
  'terminal.output': (state, { text, skipped = false }) => {
    const { end, text: before } = state.terminal
    // A gap, so that whoever has taken in what was before begins anew.
    const shown = skipped ? text : tail(before + text, terminalKept)
    return { ...state, terminal: { text: shown, end: end + text.length + (skipped ? 1 : 0) } }
  },
  'keyboard.changed': (state, keyboard) => ({ ...state, keyboard }),
  'terminal.used': (state, { commands }) => {
    const text = `You ran ${count(commands.length, 'command')} in the terminal: the model hears of it with your next prompt.`
    return add(state, { kind: 'notice', sign: 'dim', text })
  },
  'jobs.changed': (state, { jobs }) => ({ ...state, jobs }),
  'sandbox.stats': (state, stats) => ({
    ...state,
    stats: state.turn === undefined ? undefined : stats,
    measured: sampled(state.measured, stats, state.usage.output, state.live),
  }),
  'checkpoint.kept': (state) => state,
  'turn.undone': undone,
  'turn.ended': (state, { turn, end, failure, ms }) => {
    if (state.turn?.turn !== turn) return state
    const word = end === 'interrupted' ? end : 'cancelled'
    const live = state.live.map((entry) => abandon(entry, ms, word, state.turn))
    const over = settle({ ...state, turn: undefined, stats: undefined, live })
    if (end === 'done') return over
    if (end === 'cancelled') return settle(add(over, { kind: 'notice', sign: 'dim', text: 'Cancelled.' }))
    if (end === 'interrupted') return settle(add(over, { kind: 'notice', sign: 'waiting', text: interrupted }))
    const text = failure?.message ?? (end === 'limit' ? 'A limit was reached.' : 'The turn failed.')
    return settle(add(over, { kind: 'notice', sign: end === 'limit' ? 'waiting' : 'error', text }))
  },
  'app.failed': (state, { failure }) => add(state, { kind: 'notice', sign: 'error', text: failure.message }),
}

function applied(state: State, report: ApplyReport): State {
  let next = state
  if (report.applied.length > 0) {
    const text = `Applied ${count(report.applied.length, 'file')} to the project: ${report.applied.join(', ')}`
    next = add(next, { kind: 'notice', sign: 'ok', text })
  }
  for (const hint of installHints(report.applied)) next = add(next, { kind: 'notice', sign: 'dim', text: hint })
  for (const { path, reason } of report.conflicts) {
    next = add(next, { kind: 'notice', sign: 'waiting', text: `Conflict in ${path}: ${reason}` })
  }
  for (const { path, reason } of report.refused) {
    next = add(next, { kind: 'notice', sign: 'error', text: `Not applied: ${path}: ${reason}` })
  }
  return next
}

function undone(state: State, { workspace, project, left }: Restoration): State {
  const parts: string[] = []
  if (workspace.length > 0 || project.length === 0) parts.push(`${count(workspace.length, 'file')} of the workspace`)
  if (project.length > 0) parts.push(`${count(project.length, 'file')} of the project: ${project.join(', ')}`)
  const text = `Went to another moment: ${parts.join(', ')}`
  return left.reduce(
    (next, { path, reason }) =>
      add(next, { kind: 'notice', sign: 'waiting', text: `Left as it is: ${path}: ${reason}` }),
    add(state, { kind: 'notice', sign: 'ok', text }),
  )
}

/** Cut now and then rather than each time, so that output costs what it brings and not what there is. */
function tail(output: string, kept: number): string {
  return output.length <= kept * 2 ? output : output.slice(-kept)
}
