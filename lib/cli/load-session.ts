/** What a session is made of, the heavy parts first and one by one. */
const steps = [
  () => import('../core/log.ts'),
  () => import('../sandbox/engine.ts'),
  () => import('../workspace/workspaces.ts'),
  () => import('../llm/http.ts'),
]

/** Loads the session's code in steps that each take a moment: keys are heard and shown in between. */
export async function loadSession(): Promise<typeof import('./session.ts')> {
  for (const step of steps) {
    await turnOfTheLoop()
    await step()
  }
  await turnOfTheLoop()
  return import('./session.ts')
}

/** Lets whatever has arrived be heard and drawn. */
async function turnOfTheLoop(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve))
  await new Promise((resolve) => setImmediate(resolve))
}
