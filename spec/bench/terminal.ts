import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startModelServer, type ModelServer } from '../support/model-server.ts'
import { childrenOf, proportionalKb } from '../support/processes.ts'
import { openTerminal, type VirtualTerminal } from '../support/virtual-terminal.ts'
import { summary, type Row } from './row.ts'

const root = resolve(import.meta.dirname, '..', '..')
const rounds = 3
const words = 4000
const rate = 500
const last = 'ENDMARK'
/** Seconds of a tick in which the kernel counts the time of processors. */
const tick = 0.01

interface Figures {
  input: number
  cpu: number
  memory: number
  idleCpu: number
  idleBytes: number
  kbytes: number
  streamCpu: number
  echo: number
  lag: number
}

/**
 * The whole program in a terminal of 120 columns and 40 rows, as a person has it before them: until it takes keys, at
 * rest, and while an answer of 4,000 words comes at 500 a second; each in turn with a floor that does the least.
 */
export async function wholeScreen(): Promise<Row[]> {
  const home = mkdtempSync(join(tmpdir(), 'drydock-bench-'))
  const project = join(home, 'project')
  mkdirSync(join(project, '.git'), { recursive: true })
  mkdirSync(join(home, '.config', 'drydock'), { recursive: true })
  const server = await startModelServer({ respond: () => ({ text: longAnswer, rate }) })
  writeFileSync(
    join(home, '.config', 'drydock', 'config.toml'),
    `model = "bench/any"\n[providers.bench]\nbase_url = "${server.url}"\nkey_required = false\n[sandbox]\nbackend = "container"\n`,
  )
  const programs = {
    ours: [join(root, 'bin', 'agent'), project],
    floor: [join(root, 'spec', 'bench', 'floor.cjs'), server.url],
  }
  const figures: Record<keyof typeof programs, Figures[]> = { ours: [], floor: [] }
  try {
    await measured(programs.ours, home, server) // V8's code cache is made, as at a person's first start
    for (let round = 0; round < rounds; round++)
      for (const name of ['floor', 'ours'] as const) figures[name].push(await measured(programs[name], home, server))
  } finally {
    await server.close()
    rmSync(home, { recursive: true, force: true })
  }
  const row = (key: keyof Figures, what: string, promise: string): Row => {
    const ours = summary(figures.ours.map((one) => one[key]))
    const floor = summary(figures.floor.map((one) => one[key]))
    return {
      what,
      ...ours,
      beside: `the floor: ${floor.median.toFixed(2)}`,
      ratio: ours.median / floor.median,
      promise,
    }
  }
  return [
    row('input', 'input ready', '≤ 120 ms'),
    row('cpu', 'processor to get there, ms', '≤ 150 ms'),
    row('memory', 'memory at rest (PSS), MB', '≤ 80 MB'),
    row('idleCpu', 'processor at rest, % of one', '0 %'),
    row('idleBytes', 'bytes written at rest, in 5 s', '0'),
    row('kbytes', 'an answer of 4,000 words: KB written', '≤ 350 KB'),
    row('streamCpu', 'an answer of 4,000 words: processor, ms', '≤ 1,000 ms'),
    row('echo', 'an answer of 4,000 words: a key shown, p95', '≤ 8 ms'),
    row('lag', 'an answer of 4,000 words: the last word shown', '≤ 10 ms'),
  ]
}

/** Headings, lists, prose and code, as models write them. */
const longAnswer = `${Array.from({ length: words / 100 }, (_, section) => part(section)).join('\n\n')} ${last}`

function part(section: number): string {
  const prose = Array.from({ length: 60 }, (_, index) => ['of', 'a', 'longer', 'answer', 'word'][index % 5]).join(' ')
  const list = Array.from({ length: 6 }, (_, index) => `- item ${index} of it`).join('\n')
  return `## Section ${section}\n\n${prose}.\n\n${list}\n\n\`\`\`js\nconst n = ${section}\n\`\`\``
}

async function measured([program, ...args]: string[], home: string, server: ModelServer): Promise<Figures> {
  const began = performance.now()
  const argv = [process.execPath, program!, ...args]
  const terminal = openTerminal({ argv, cols: 120, rows: 40, cwd: home, env: { HOME: home, TERM: 'xterm-256color' } })
  try {
    const typing = setInterval(() => terminal.type('Q'), 50)
    await terminal.waitFor((rows) => rows.some((row) => /›.*Q/.test(row)), 30_000).finally(() => clearInterval(typing))
    const input = performance.now() - began
    const cpu = spent(terminal.pid)
    await sleep(3000)
    const [restBytes, restCpu] = [terminal.bytes, spent(terminal.pid)]
    await sleep(5000)
    const idleBytes = terminal.bytes - restBytes
    const idleCpu = (spent(terminal.pid) - restCpu) / 50
    const memory = tree(terminal.pid).reduce((sum, pid) => sum + proportionalKb(pid), 0) / 1024
    const answer = await streamed(terminal, server, program!.endsWith('floor.cjs'))
    return { input, cpu, memory, idleCpu, idleBytes, ...answer }
  } finally {
    terminal.dispose()
  }
}

async function streamed(terminal: VirtualTerminal, server: ModelServer, isFloor: boolean) {
  // The floor writes what is typed amid the answer: its keys are counted before it.
  const alone = isFloor ? await keysShown(terminal) : undefined
  const [bytes, cpu] = [terminal.bytes, spent(terminal.pid)]
  const asked = server.nextRequest()
  terminal.press('enter')
  const seen = terminal.waitFor(last, 60_000).then(() => performance.now())
  const sent = (await asked).closed.then(() => performance.now())
  await terminal.waitFor('Section', 20_000)
  const echo = alone ?? (await keysShown(terminal))
  const [shownAt, sentAt] = await Promise.all([seen, sent])
  return {
    kbytes: (terminal.bytes - bytes) / 1024,
    streamCpu: spent(terminal.pid) - cpu,
    echo,
    lag: Math.max(0, shownAt - sentAt),
  }
}

/** Milliseconds in which 19 of 20 keys are shown, of 40 that are typed one after the other. */
async function keysShown(terminal: VirtualTerminal): Promise<number> {
  const times: number[] = []
  let typed = ''
  for (let key = 0; key < 40; key++) {
    typed = (typed + 'QZXJ'[Math.floor(Math.random() * 4)]).slice(-12)
    const pressed = performance.now()
    terminal.type(typed.at(-1)!)
    await terminal.waitFor((rows) => rows.some((row) => row.includes(typed)), 5000)
    times.push(performance.now() - pressed)
    await sleep(120)
  }
  return times.toSorted((a, b) => a - b)[Math.floor(times.length * 0.95)]!
}

function tree(pid: number): number[] {
  return [pid, ...childrenOf(pid).flatMap(tree)]
}

/** Milliseconds of processor that a program and its children have used so far. */
function spent(pid: number): number {
  let ticks = 0
  for (const one of tree(pid)) {
    const fields = stat(one)
    for (const field of fields.slice(11, 15)) ticks += Number(field)
  }
  return ticks * tick * 1000
}

/** The fields of `/proc/PID/stat` (proc(5)) from the state on. */
function stat(pid: number): string[] {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1')
    return text.slice(text.lastIndexOf(')') + 2).split(' ')
  } catch {
    return []
  }
}
