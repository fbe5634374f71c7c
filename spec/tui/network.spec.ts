import { expect } from 'chai'
import type { Question } from '../../lib/core/events.ts'
import { type AppScreen, openAppScreen } from '../support/app-screen.ts'
import { type Fact, opened } from '../support/facts.ts'

const wants: Question = {
  id: 'q1',
  kind: 'network',
  title: 'Let the sandbox reach packages.example.org:443?',
  body: ['A program in the sandbox wants to connect to packages.example.org:443.'],
  choices: [
    { key: 'y', answer: 'once', label: 'once: until the turn ends' },
    { key: 's', answer: 'session', label: 'this session' },
    { key: 'p', answer: 'project', label: 'this project' },
    { key: 'n', answer: 'no', label: 'no' },
  ],
}

const status = async (screen: AppScreen) => (await screen.rows()).at(-1)!

describe('the network on the screen', () => {
  let open: AppScreen | undefined
  const show = (...facts: Fact[]) => (open = openAppScreen({ cols: 100, rows: 24, facts: [...opened, ...facts] }))

  afterEach(async () => {
    await open?.close()
    open = undefined
  })

  it('has the ports that listen, the key that lets one answer here, and where it then does', async () => {
    const screen = show(['ports.changed', { ports: [{ port: 3000 }, { port: 5173 }] }])
    expect(await status(screen)).to.include(':3000 :5173 alt+o')
    screen.press('alt+o')
    screen.tell(['ports.changed', { ports: [{ port: 3000, local: 3001 }, { port: 5173 }] }])
    expect(await status(screen)).to.include('127.0.0.1:3001 :5173 alt+o')
    screen.press('alt+o')
    screen.tell([
      'ports.changed',
      {
        ports: [
          { port: 3000, local: 3001 },
          { port: 5173, local: 5173 },
        ],
      },
    ])
    expect(await status(screen)).to.match(/127\.0\.0\.1:3001 127\.0\.0\.1:5173(?! alt)/)
    expect(screen.intents).to.deep.equal([
      ['port.open', { port: 3000 }],
      ['port.open', { port: 5173 }],
    ])
  })

  it('opens a port with a click', async () => {
    const screen = show(['ports.changed', { ports: [{ port: 3000 }] }])
    const row = await status(screen)
    screen.click(row.indexOf(':3000') + 1, 23)
    expect(screen.intents).to.deep.equal([['port.open', { port: 3000 }]])
  })

  it('counts the ports that there is no room for, and forgets what no longer listens', async () => {
    const screen = show(['ports.changed', { ports: [1, 2, 3, 4, 5].map((port) => ({ port })) }])
    expect(await status(screen)).to.include(':1 :2 :3 +2 alt+o')
    screen.tell(['ports.changed', { ports: [] }])
    expect(await status(screen)).to.not.include('alt+o')
    screen.press('alt+o')
    expect([await status(screen), screen.intents]).to.satisfy(
      ([row, intents]: [string, Fact[]]) => row.includes('no port listens in the sandbox') && intents.length === 0,
    )
  })

  for (const [key, answer] of Object.entries({ y: 'once', s: 'session', p: 'project', n: 'no' } as const))
    it(`answers with ${key}: ${answer}`, async () => {
      const screen = show(['approval.asked', wants])
      const rows = (await screen.rows()).join('\n')
      expect(rows).to.include('Let the sandbox reach packages.example.org:443?')
      expect(rows).to.match(/y once: until the turn ends +s this session +p this project +n no/)
      screen.clock.now += 1000
      screen.press(key)
      expect(screen.intents).to.deep.equal([['approval.answer', { id: 'q1', answer }]])
    })
})
