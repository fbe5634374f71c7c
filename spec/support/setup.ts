import Module from 'node:module'
import { inspect } from 'node:util'

/** Milliseconds that a run may live on after its last spec; then something still holds a handle, which is a defect. */
const grace = Number(process.env.LEAK_GRACE_MS ?? 30_000)

// mocha lets a rejection pass that comes after its test has ended: make each one end the run.
process.on('unhandledRejection', (reason) => {
  throw reason
})

// blessed-contrib asks for `blessed`: it gets the one that we have, as in the program as it is built (build.mjs).
const loader = Module as unknown as { _resolveFilename(request: string, ...rest: unknown[]): string }
const { _resolveFilename: resolve } = loader
Object.assign(loader, {
  _resolveFilename: (request: string, ...rest: unknown[]) =>
    resolve.call(loader, request === 'blessed' ? 'neo-blessed' : request, ...rest),
})

export const mochaHooks = {
  afterAll() {
    setTimeout(() => {
      console.error(`Leaked: still open after the last spec: ${process.getActiveResourcesInfo().join(', ')}`)
      // What each of them is: Node tells it only so.
      const { _getActiveHandles: handles } = process as unknown as { _getActiveHandles(): unknown[] }
      for (const handle of handles.call(process)) console.error(inspect(handle, { depth: 1 }))
      process.kill(process.pid, 'SIGKILL') // mocha would make an exit status its own
    }, grace).unref()
  },
}
