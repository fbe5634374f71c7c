import { expect } from 'chai'
import { type AppScreen, openAppScreen } from '../support/app-screen.ts'
import { type Fact, opened, start } from '../support/facts.ts'

const GB = 2 ** 30
const limits = { cpus: 2, memory: 4 * GB, pids: 512, disk: 20 * GB }
const network = { sent: 0, received: 0 }

describe('what the sandbox uses, on the screen', () => {
  let open: AppScreen | undefined
  const show = (...facts: Fact[]) => (open = openAppScreen({ cols: 120, rows: 24, facts: [...opened, ...facts] }))
  const header = async () => (await open!.rows())[0]!

  afterEach(async () => {
    await open?.close()
    open = undefined
  })

  it('is on the header while a turn is at work', async () => {
    const screen = show(
      ['turn.started', { turn: 1, kind: 'prompt', prompt: 'build', at: start }],
      ['sandbox.stats', { at: start, limits, network, memory: 1.25 * GB, cpus: 1.304, pids: 12 }],
    )
    expect(await header()).to.match(/sandbox ✓ debian, node 22  1\.3 GB  130 % cpu/)
    screen.tell(['sandbox.stats', { at: start, limits, network, memory: 300 * 2 ** 20 }])
    expect(await header()).to.match(/sandbox ✓ debian, node 22  300 MB\s*$/)
    screen.tell(['turn.ended', { turn: 1, end: 'done', ms: 50, at: start + 50 }])
    expect(await header()).to.match(/sandbox ✓ debian, node 22\s*$/)
  })

  it('counts what runs on in the background', async () => {
    const screen = show(['jobs.changed', { jobs: [{ id: '1', command: 'npm start &', processes: [] }] }])
    expect((await screen.rows()).at(-1)).to.include('1 in background')
    screen.tell(['jobs.changed', { jobs: [] }])
    expect((await screen.rows()).at(-1)).to.not.include('in background')
  })
})
