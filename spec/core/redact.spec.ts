import { expect } from 'chai'
import { Redactor } from '../../lib/core/redact.ts'

describe('Redactor', () => {
  const rows: [string, string][] = [
    ['Authorization: Bearer abc.def-123', 'Authorization: [redacted]'],
    ['{"authorization":"Basic dXNlcjpwdw=="}', '{"authorization":"[redacted]"}'],
    ["curl -H 'x-api-key: 12345' https://h", "curl -H 'x-api-key: [redacted]' https://h"],
    ['sent bearer abcdefghijkl on', 'sent bearer [redacted] on'],
    ['key sk-ant-api03-aaaaBBBB_cccc-dddd!', 'key [redacted]!'],
    ['sk-proj-0123456789abcdef', '[redacted]'],
    [`ghp_${'a1'.repeat(18)} and github_pat_${'b2'.repeat(20)}`, '[redacted] and [redacted]'],
    ['id AKIAIOSFODNN7EXAMPLE here', 'id [redacted] here'],
    ['-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----\nrest', '[redacted]\nrest'],
    ['cut off: -----BEGIN PRIVATE KEY-----\nMIIE', 'cut off: [redacted]'],
    ['https://me:pw@host/path', 'https://[redacted]@host/path'],
    [
      'a task-based risk-free sk-8 approach, AKIA, the bearer of news',
      'a task-based risk-free sk-8 approach, AKIA, the bearer of news',
    ],
    ['https://host:80/a@b', 'https://host:80/a@b'],
  ]
  for (const [text, clean] of rows)
    it(`makes of ${JSON.stringify(text)}`, () => expect(new Redactor().text(text)).to.equal(clean))

  it('knows the secrets it was told of, but not ones so short that they are words', () => {
    const redactor = new Redactor()
    redactor.add('hunter22')
    redactor.add('a.b*c+d')
    redactor.add('hunter22-and-more')
    redactor.add('the')
    redactor.add('')
    expect(redactor.text('hunter22, hunter22-and-more, a.b*c+d and the rest')).to.equal(
      '[redacted], [redacted], [redacted] and the rest',
    )
  })

  it('hides the values of keys that name a secret, at any depth', () => {
    const data = {
      headers: { Authorization: 'short', 'X-Api-Key': 'short', accept: 'text' },
      tokens: 3,
      list: [{ password: 'x' }],
    }
    expect(new Redactor().data(data)).to.deep.equal({
      headers: { Authorization: '[redacted]', 'X-Api-Key': '[redacted]', accept: 'text' },
      tokens: 3,
      list: [{ password: '[redacted]' }],
    })
  })

  it('ends where data goes too deep', () => {
    let data: unknown = 'end'
    for (let depth = 0; depth < 20; depth++) data = { data }
    expect(JSON.stringify(new Redactor().data(data))).to.equal(`${'{"data":'.repeat(8)}"[deeper]"${'}'.repeat(8)}`)
  })
})
