import { type Breach, isCrowded } from './breach.ts'
import type { Gauges } from './gauges.ts'
import type { Jobs } from './jobs.ts'
import type { Trace } from './marks.ts'
import type { Exit } from './sandbox.ts'

/** What is to be known once a command has ended: the limits that it ran into, and what it has left running. */
export class Aftermath {
  private readonly gauges: Pick<Gauges, 'look' | 'isStill' | 'full'>
  private readonly jobs: Jobs
  private readonly pids: number

  /** `pids` is the most of processes and threads inside. */
  constructor(gauges: Pick<Gauges, 'look' | 'isStill' | 'full'>, jobs: Jobs, pids: number) {
    this.gauges = gauges
    this.jobs = jobs
    this.pids = pids
  }

  /**
   * What the command ran into; `trace` is what its shell saw at its end, if it did. What goes on running is known to the jobs
   * then, and ended where it leaves no room for more. Errors: those of Processes.
   */
  async of(exit: Exit, trace?: Trace): Promise<Breach[]> {
    return [...(await this.left(trace)), ...(await this.room(exit))]
  }

  private async left(trace?: Trace): Promise<Breach[]> {
    const { processes, breaches } = (await this.still(trace)) ?? (await this.gauges.look())
    const crowded = breaches.some(({ limit }) => limit === 'pids') && isCrowded(processes, this.pids)
    if (crowded) await this.jobs.kill()
    await this.jobs.look(crowded ? undefined : processes)
    return breaches
  }

  /** What a look would give, where the shell saw that it would find nothing new. */
  private async still(trace?: Trace): Promise<Awaited<ReturnType<Gauges['look']>> | undefined> {
    if (trace === undefined || !this.jobs.isQuiet(trace.processes) || isCrowded(trace.processes, this.pids)) return
    return (await this.gauges.isStill(trace.files)) ? { processes: trace.processes, breaches: [] } : undefined
  }

  /** What it may have failed of besides. */
  private async room({ code, signal }: Exit): Promise<Breach[]> {
    if (signal === 'SIGXFSZ') return [{ limit: 'disk', text: 'a file grew past the disk limit of the sandbox' }]
    return code === null || code === 0 ? [] : this.gauges.full()
  }
}
