import { readWorkspace } from '../../lib/workspace/open.ts'

/** Applies everything, and dies by SIGKILL before the act of the given number. Run as a process of its own. */
const [project, store, act] = process.argv.slice(2)
let left = Number(act)
const onAct = () => {
  if (left === 0) process.kill(process.pid, 'SIGKILL')
  left -= 1
}
const workspace = await readWorkspace({ project: project!, store: store!, onAct })
await workspace.apply('all')
await workspace.dispose()
