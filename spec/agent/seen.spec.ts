import { expect } from 'chai'
import type { Tool } from '../../lib/tools/tool.ts'
import { callsFor, rig, says, tool } from './rig.ts'

const ran: string[] = []

function fileTool(name: string): Tool<unknown> {
  const done = tool(name, name === 'read' ? 'read' : 'write', () => {
    ran.push(name)
    return { ok: true, text: 'done', summary: '' }
  })
  return { ...done, path: (args) => (args as { path: string }).path }
}

const call = (name: string) => callsFor([name, name, { path: './a.txt' }])

describe('what the model has not seen', () => {
  it('is not written over once the person has changed what it had read', async () => {
    ran.length = 0
    const tools = ['read', 'write', 'edit', 'delete'].map(fileTool)
    const turns = [['write', 'read'], ['write', 'delete', 'edit', 'write'], ['write'], ['read', 'delete']]
    const answers = turns.flatMap((names) => [...names.map(call), says('Done.')])
    const r = rig({ tools, answers })
    for (const index of turns.keys()) {
      await r.prompt('go')
      if (index === 0 || index === 1) r.workspace.came.set('a.txt', index + 1)
    }
    const stale = 'a.txt was not touched: the person has changed it since you last read it. Read it again, then decide.'
    expect(r.of('tool.ended').map(({ text }) => text)).to.deep.equal([
      'done',
      'done',
      stale,
      stale,
      'done',
      'done',
      stale,
      'done',
      'done',
    ])
    expect(ran).to.deep.equal(['write', 'read', 'edit', 'write', 'read', 'delete'])
  })
})
