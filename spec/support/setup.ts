/** Milliseconds that a run may live on after its last spec; then something still holds a handle, which is a defect. */
const grace = Number(process.env.LEAK_GRACE_MS ?? 8000)

// mocha lets a rejection pass that comes after its test has ended: make each one end the run.
process.on('unhandledRejection', (reason) => {
  throw reason
})

export const mochaHooks = {
  afterAll() {
    setTimeout(() => {
      console.error(`Leaked: still open after the last spec: ${process.getActiveResourcesInfo().join(', ')}`)
      process.kill(process.pid, 'SIGKILL') // mocha would make an exit status its own
    }, grace).unref()
  },
}
