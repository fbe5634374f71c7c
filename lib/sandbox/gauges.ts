import { setTimeout as sleep } from 'node:timers/promises'
import type { Stats } from '../core/events.ts'
import { type Breach, breaches, crowd, size } from './breach.ts'
import type { Enclosure } from './enclosure.ts'
import type { Processes } from './processes.ts'
import { type Usage, countsRefusals, events, levels, readUsage } from './usage.ts'

/** Milliseconds from one sample to the next. */
const sampleMs = 1000

export interface Look {
  /** How many there are inside. */
  processes: number
  breaches: Breach[]
}

type Counted = Pick<Enclosure, 'gauges' | 'uncounted' | 'limits' | 'ended'>

/** What a sandbox uses, and the limits that it runs into. */
export class Gauges {
  private readonly enclosure: Counted
  private readonly processes: Processes
  private readonly disk: () => number | undefined
  private seen: Usage = { killed: 0, refused: 0 }

  /** `disk` gives the bytes in use there, as far as they are known. */
  constructor(enclosure: Counted, processes: Processes, disk: () => number | undefined) {
    this.enclosure = enclosure
    this.processes = processes
    this.disk = disk
  }

  /** How many processes there are, and what was run into since the look before. Errors: those of Processes. */
  async look(): Promise<Look> {
    const { usage, ...look } = await this.peek()
    this.seen = usage
    return look
  }

  /** Whether the kernel counts what it counted at the last look. `inside` is what it shows there, by name as in usage.ts. */
  async isStill(inside: ReadonlyMap<string, string>): Promise<boolean> {
    if (this.enclosure.uncounted) return true
    const { killed, refused } = readUsage((await this.enclosure.gauges?.(events)) ?? inside)
    return killed === this.seen.killed && refused === this.seen.refused
  }

  /** What `look` gives, and the next look tells it again. */
  async peek(): Promise<Look & { usage: Usage }> {
    const outside = this.enclosure.gauges?.(events)
    const inside = outside !== undefined || this.enclosure.uncounted ? [] : events
    const { processes, files } = await this.processes.look(inside)
    const texts = (await outside) ?? files
    const usage = readUsage(texts)
    const { uncounted, limits } = this.enclosure
    const crowded = uncounted || countsRefusals(texts) ? undefined : crowd(processes, limits)
    return { processes, usage, breaches: [...breaches(this.seen, usage, limits), ...(crowded ? [crowded] : [])] }
  }

  async *stats(signal: AbortSignal): AsyncGenerator<Stats> {
    const over = new AbortController()
    this.enclosure.ended.then(() => over.abort())
    const either = AbortSignal.any([signal, over.signal])
    let before: { at: number; cpuMs: number } | undefined
    while (!either.aborted) {
      const at = performance.now()
      const usage = await this.usage().catch((error: unknown) => {
        if (!either.aborted) throw error
      })
      if (usage === undefined) return
      const { cpuMs, memory, pids } = usage
      // Of processes that have ended a sum over those that run knows nothing.
      const cpus =
        before === undefined || cpuMs === undefined ? undefined : Math.max(0, cpuMs - before.cpuMs) / (at - before.at)
      before = cpuMs === undefined ? undefined : { at, cpuMs }
      yield { cpus, memory, pids, disk: this.disk(), limits: this.enclosure.limits }
      await sleep(sampleMs, undefined, { signal: either, ref: false }).catch(() => {})
    }
  }

  /** Folders for temporary files that are full. They are memory; what runs is only told that there is no space. */
  async full(): Promise<Breach[]> {
    const found: Breach[] = []
    if (this.enclosure.uncounted) return found
    for (const { name, free, all } of await this.processes.room()) {
      if (free > all / 100) continue
      found.push({ limit: 'temporary', text: `${name} is full: it holds ${size(all)} at most, which are memory` })
    }
    return found
  }

  private async usage(): Promise<Usage> {
    if (this.enclosure.uncounted) return readUsage(new Map())
    const outside = await this.enclosure.gauges?.(levels)
    const usage = readUsage(outside ?? (await this.processes.look(levels)).files)
    // Where the kernel keeps no such book, it is the sum of all processes.
    return usage.memory === undefined ? { ...usage, ...(await this.processes.sum()) } : usage
  }
}
