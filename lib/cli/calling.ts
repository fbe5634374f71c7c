import type { Config } from '../config/schema.ts'
import type { Bus } from '../core/bus.ts'
import type { Disposable } from '../core/dispose.ts'
import { chooseCall, openNotifier } from '../tui/notifier.ts'
import type { Screen } from '../tui/screen.ts'
import type { Parts } from './parts.ts'
import { passesThrough } from './tmux.ts'

/** Calls the person, as they configured it, when something wants them while they look elsewhere. */
export function callPerson(
  { environment }: Parts,
  { config, screen, bus }: { config: Config; screen: Screen; bus: Bus },
): Disposable {
  return openNotifier({
    screen,
    bus,
    call: chooseCall(config.screen.notify, environment.term ?? ''),
    passes: environment.tmux ? passesThrough : undefined,
  })
}
