import { expect } from 'chai'
import { Clipboard, largestCopy } from '../../lib/tui/clipboard.ts'
import { openFakeScreen } from '../support/fake-screen.ts'

describe('tui/clipboard', () => {
  const sent: string[] = []
  const said: string[] = []
  const clipboard = (machine: (text: string) => Promise<boolean>) =>
    new Clipboard({ terminal: (text) => sent.push(text), machine, say: (message) => said.push(message) })
  const nobody = clipboard(() => Promise.resolve(false))

  beforeEach(() => {
    sent.length = 0
    said.length = 0
  })

  it('gives a text to the terminal, and says how much it was', async () => {
    await nobody.copy('one')
    await nobody.copy('one\ntwo\n', 'the code')
    await nobody.copy('x')
    expect(sent).to.deep.equal(['one', 'one\ntwo\n', 'x'])
    expect(said).to.deep.equal(['copied 3 characters', 'copied the code, 2 lines', 'copied 1 character'])
  })

  it('leaves out what could do something where it is pasted, and keeps tabs', async () => {
    await nobody.copy('a\tb\r\n\x1b[201~rm\x07 \x9b2J\0')
    expect(sent).to.deep.equal(['a\tb\n[201~rm 2J'])
  })

  it('says what is too large for a terminal, and sends none of it', async () => {
    await nobody.copy('x'.repeat(largestCopy + 1))
    expect(sent).to.deep.equal([])
    expect(said).to.deep.equal(['not copied: these are 74 KB, and a terminal takes 73 KB'])
  })

  it('leaves it to the machine where that takes it, whatever its size; a failure there is none', async () => {
    await clipboard(() => Promise.resolve(true)).copy('x'.repeat(largestCopy + 1))
    await clipboard(() => Promise.reject(new Error('no tmux'))).copy('y')
    expect(sent).to.deep.equal(['y'])
    expect(said).to.deep.equal(['copied 74995 characters', 'copied 1 character'])
  })

  it('says so where there is nothing', async () => {
    await nobody.copy('')
    expect(said).to.deep.equal(['nothing to copy'])
  })

  it('reaches the terminal as OSC 52', () => {
    const fake = openFakeScreen({ cols: 20, rows: 5 })
    fake.screen.setClipboard('für')
    expect(fake.written.at(-1)).to.equal(`\x1b]52;c;${Buffer.from('für').toString('base64')}\x07`)
    fake.dispose()
  })
})
