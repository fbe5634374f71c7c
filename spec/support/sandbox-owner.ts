// A process that owns a sandbox in which much runs, and waits to be killed: for the specs of a sandbox's life.
import { imageTag } from '../../lib/sandbox/recipe.ts'
import { type Ready, imagesDir, specEngine, specImage, startSandbox } from './sandbox.ts'

const user = { uid: Number(process.argv[2]), gid: Number(process.argv[2]) }
const ready: Ready = process.argv[3] === 'embedded' ? 'embedded' : await container()
const box = await startSandbox(ready, { user, session: 'spec-owner' })
const shell = await box.sandbox.shell()
void shell.run('trap "" INT TERM HUP; setsid sleep 1000 & yes', { signal: new AbortController().signal })
void box.sh('trap "" INT TERM HUP; sleep 1000', { signal: new AbortController().signal })
await box.sh('until pgrep sleep && pgrep yes; do :; done')
process.stdout.write(`${box.folder}\n`)

async function container(): Promise<Ready> {
  return { engine: await specEngine(), image: await imageTag(imagesDir, specImage) }
}
