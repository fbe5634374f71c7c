import type { Approvals } from '../agent/approval.ts'
import type { Reach } from '../config/reach.ts'
import type { Config } from '../config/schema.ts'
import type { Bus } from '../core/bus.ts'
import { type Disposable, Disposables } from '../core/dispose.ts'
import type { Facts } from '../core/events.ts'
import { Gate } from '../sandbox/gate.ts'
import { nameOf } from '../sandbox/target.ts'

export interface NetworkGateParts {
  bus: Bus
  approvals: Approvals
  /** The configuration as it is now. */
  config: () => Config
  reach: Reach
  /** Absolute path of the project. */
  project: string
}

/**
 * The gate of a session: it asks the person, naming the command at work, and keeps what they allow the project. What was
 * answered for once holds until the turn ends.
 */
export function createNetworkGate({
  bus,
  approvals,
  config,
  reach,
  project,
}: NetworkGateParts): Disposable & { gate: Gate } {
  const owned = new Disposables()
  const calls = new Map<string, Facts['tool.started']>()
  const gate = new Gate({
    allow: () => config().sandbox.network.allow,
    project: () => reach.of(project),
    policy: () => config().policy.network,
    ask: async (target, signal) => {
      const name = nameOf(target)
      const call = [...calls.values()].findLast((one) => one.name === 'shell')
      const { answer } = await approvals.ask({ ...question(name, call), subject: name }, signal)
      if (answer === 'project') reach.allow(project, name)
      return answer === 'always' ? 'project' : answer
    },
  })
  owned.add(bus.on('tool.started', (call) => void calls.set(call.id, call)))
  owned.add(bus.on('tool.ended', ({ id }) => void calls.delete(id)))
  owned.add(
    bus.on('turn.ended', () => {
      calls.clear()
      gate.forget()
    }),
  )
  return { gate, dispose: () => (gate.forget(), owned.dispose()) }
}

function question(name: string, call: Facts['tool.started'] | undefined) {
  return {
    kind: 'network' as const,
    title: `Let the sandbox reach ${name}?`,
    ...(call === undefined
      ? { body: ['A program in it wants to connect there. No command of this turn is at work.'] }
      : {
          shows: { kind: 'command' as const, text: call.summary },
          body: ['While this command runs, a program in the sandbox wants to connect there.'],
        }),
    choices: [
      { key: 'y', answer: 'once' as const, label: 'once: until the turn ends' },
      { key: 's', answer: 'session' as const, label: 'this session' },
      { key: 'p', answer: 'project' as const, label: 'this project' },
      { key: 'n', answer: 'no' as const, label: 'no' },
    ],
  }
}
