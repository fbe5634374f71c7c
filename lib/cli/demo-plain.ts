import { demoModel, demoProject, demoPrompt } from './demo.ts'
import type { Parts } from './parts.ts'
import { plainDemo } from './plain.ts'
import { run } from './run.ts'

/** `agent demo --plain`: the demo's main job without a screen; at a terminal the person goes on from there, line by line. */
export async function demoPlain(parts: Parts): Promise<number> {
  if (parts.stdin.isTTY && parts.stdout.isTTY) return plainDemo(parts)
  return run(parts, {
    dir: await demoProject(parts),
    model: demoModel(parts),
    prompt: demoPrompt,
    json: false,
    apply: false,
    // Whoever asks for the demo wants to see it: its image is what it runs on.
    allow: ['image'],
  })
}
