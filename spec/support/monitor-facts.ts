import { start, type Fact } from './facts.ts'

const [MB, GB] = [2 ** 20, 2 ** 30]
export const limits = { cpus: 2, memory: 4 * GB, pids: 512, disk: 20 * GB }

/** A sample of the second `at` of a session: a build that comes in waves, and a download in its middle. */
export function sampleAt(at: number): Fact {
  const wave = (1 + Math.sin(at / 9)) / 2
  const loaded = Math.max(0, Math.min(at - 60, 40))
  return [
    'sandbox.stats',
    {
      at: start + at * 1000,
      cpus: 0.1 + 1.7 * wave,
      memory: (300 + 12 * at) * MB,
      pids: 4 + Math.round(30 * wave),
      disk: 210 * MB + loaded * MB,
      network: { sent: loaded * 9_000, received: loaded * 1.2 * MB },
      limits,
    },
  ]
}

/** Two minutes of a turn: samples each second, and an answer that streamed from the 20th second to the 60th. */
export const measured: Fact[] = [
  ['turn.started', { turn: 1, kind: 'prompt', prompt: 'Build it.', at: start }],
  ...Array.from({ length: 60 }, (_, at) => sampleAt(at)),
  [
    'usage.counted',
    {
      turn: 1,
      usage: { input: 14_210, output: 1_640, cacheRead: 0, cacheWrite: 0 },
      contextTokens: 56_000,
      contextLimit: 200_000,
      costUsd: 0.0592,
      at: start + 60_000,
      ms: 40_000,
    },
  ],
  ...Array.from({ length: 60 }, (_, at) => sampleAt(60 + at)),
]
