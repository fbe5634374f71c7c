import { expect } from 'chai'
import { type AppScreen, openAppScreen } from '../support/app-screen.ts'
import { opened } from '../support/facts.ts'

describe('the workspace on the screen', () => {
  let screen: AppScreen | undefined
  afterEach(() => screen?.close())

  it('is named where it is not the main one', async () => {
    screen = openAppScreen({ cols: 80, rows: 24, facts: opened })
    const status = async () => (await screen!.rows()).at(-1)!
    expect(await status()).to.not.include('workspace')
    screen.tell(['sandbox.status', { state: 'ready', text: 'debian', workspace: '2' }])
    expect(await status()).to.include('workspace 2')
  })
})
