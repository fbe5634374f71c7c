import type { Limits } from './limits.ts'
import type { Usage } from './usage.ts'

/** Of the most of processes and threads. */
const crowdedPart = 0.9

/** A limit that something inside has run into. */
export interface Breach {
  limit: 'memory' | 'pids' | 'disk' | 'temporary'
  /** One sentence without a point: which limit, how much it is, and what came of it. */
  text: string
}

/** What happened between two looks. */
export function breaches(before: Usage, now: Usage, limits: Pick<Limits, 'memory' | 'pids'>): Breach[] {
  const found: Breach[] = []
  const [killed, refused] = [now.killed - before.killed, now.refused - before.refused]
  if (killed > 0) {
    const what = killed === 1 ? 'a process was killed' : `${killed} processes were killed`
    found.push({ limit: 'memory', text: `the sandbox's memory limit of ${size(limits.memory)} was reached: ${what}` })
  }
  if (refused > 0) {
    const text = `the sandbox's limit of ${limits.pids} processes and threads was reached: ${refused} more were refused`
    found.push({ limit: 'pids', text })
  }
  return found
}

/** Whether so many processes are there that a command could do nothing. */
export function isCrowded(processes: number, most: number): boolean {
  return processes > most * crowdedPart
}

/** What there is to say where the kernel counts no refusals; undefined where there is room. */
export function crowd(processes: number, { pids }: Pick<Limits, 'pids'>): Breach | undefined {
  if (!isCrowded(processes, pids)) return undefined
  return {
    limit: 'pids',
    text: `the sandbox's limit of ${pids} processes and threads was reached: there were ${processes}`,
  }
}

/** `4 GB`, `1.5 GB`, `512 MB`: binary units, as the configuration has them. */
export function size(bytes: number): string {
  const [unit, name] = bytes >= 2 ** 30 ? [2 ** 30, 'GB'] : [2 ** 20, 'MB']
  return `${Math.round((bytes / unit) * 10) / 10} ${name}`
}
