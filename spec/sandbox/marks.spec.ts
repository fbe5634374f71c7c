import { expect } from 'chai'
import { type Mark, MarkReader } from '../../lib/sandbox/marks.ts'

const mark = (body: string, nonce = 'n0nce') => `\x1b]133;${nonce};${body}\x07`

function read(chunks: string[]): (string | Mark)[] {
  const heard: (string | Mark)[] = []
  const reader = new MarkReader(
    'n0nce',
    (text) => {
      const last = heard.at(-1)
      if (typeof last === 'string') heard[heard.length - 1] = last + text
      else heard.push(text)
    },
    (found) => void heard.push(found),
  )
  for (const chunk of chunks) reader.read(chunk)
  reader.flush()
  return heard
}

describe('shell marks', () => {
  const text = `before${mark('C;1')}out\x1b[1mput${mark('D;1;130;/a%3Bb%0Ac%25;7;pids/pids.events max 2%0A')}after\x1b]13`
  const trace = { processes: 7, files: new Map([['pids/pids.events', 'max 2\n']]) }
  const whole = [
    'before',
    { kind: 'begin', id: '1' },
    'out\x1b[1mput',
    { kind: 'end', id: '1', status: 130, cwd: '/a;b\nc%', trace },
    'after\x1b]13',
  ]

  it('are found wherever the text is cut', () => {
    for (let size = 1; size <= text.length; size++) {
      const chunks = Array.from({ length: Math.ceil(text.length / size) }, (_, index) =>
        text.slice(index * size, (index + 1) * size),
      )
      expect(read(chunks), `pieces of ${size}`).to.deep.equal(whole)
    }
  })

  it('of others, and broken ones, are text', () => {
    for (const other of [mark('C;1', 'other'), '\x1b]133;C\x07', mark('X;1'), mark('D;1'), '\x1b]133;n0nce;C'])
      expect(read([other])).to.deep.equal([other])
  })

  it('that never end do not hold the text back for ever', () => {
    const endless = `\x1b]133;n0nce;${'x'.repeat(20_000)}`
    expect(read([endless, 'y'])).to.deep.equal([`${endless}y`])
  })
})
