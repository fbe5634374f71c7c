import { expect } from 'chai'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { History, violations } from '../../lib/agent/history.ts'
import { Failure } from '../../lib/core/failure.ts'
import type { Message } from '../../lib/core/messages.ts'
import { messagesOf, readLog } from '../../lib/session/replay.ts'
import { createSession, listSessions, logPath } from '../../lib/session/store.ts'

describe('sessions', () => {
  let dataDir: string
  beforeEach(() => void (dataDir = mkdtempSync(join(tmpdir(), 'drydock-store-'))))
  afterEach(() => rmSync(dataDir, { recursive: true, force: true }))

  const session = (project: string, at: number) => {
    const { log, ...entry } = createSession({ dataDir, project, now: () => at })
    log.dispose()
    return entry
  }

  it('lie in folders of their own, for their owner alone, named so that they sort by time', () => {
    const { id, folder } = session('/p', Date.UTC(2026, 0, 31, 23, 59, 59, 123))
    expect(id).to.match(/^20260131T235959123Z-[0-9a-f]{8}$/)
    expect(folder).to.equal(join(dataDir, 'sessions', id))
    const modes = [folder, join(dataDir, 'sessions'), logPath(folder), join(folder, 'session.json')]
    expect(modes.map((path) => statSync(path).mode & 0o777)).to.deep.equal([0o700, 0o700, 0o600, 0o600])
    expect(JSON.parse(readFileSync(join(folder, 'session.json'), 'utf8'))).to.deep.equal({
      project: '/p',
      at: Date.UTC(2026, 0, 31, 23, 59, 59, 123),
    })
  })

  it('are listed, the newest first, by project too; what is no session is passed over', () => {
    const [a, b, c] = [session('/p', 1000), session('/q', 3000), session('/p', 2000)]
    mkdirSync(join(dataDir, 'sessions', 'zzz'))
    writeFileSync(join(dataDir, 'sessions', 'zzz', 'session.json'), '{"project": 5')
    writeFileSync(join(dataDir, 'sessions', 'file'), '')
    expect(listSessions(dataDir)).to.deep.equal([b, c, a])
    expect(listSessions(dataDir, '/p')).to.deep.equal([c, a])
  })

  it('are none where there is no folder yet', () => {
    expect(listSessions(join(dataDir, 'none'))).to.deep.equal([])
  })

  it('say so where they cannot be made', () => {
    writeFileSync(join(dataDir, 'sessions'), 'a file')
    expect(() => session('/p', 1)).to.throw(Failure, /cannot be written/)
  })

  it('give their conversation back, closed where the end left it open', () => {
    const { log, folder } = createSession({ dataDir, project: '/p' })
    const messages: Message[] = [
      { role: 'user', parts: [{ type: 'text', text: 'go' }] },
      {
        role: 'assistant',
        parts: [
          {
            type: 'thought',
            text: 'hm',
            opaque: { provider: 'anthropic', data: { type: 'thinking', signature: 's' } },
          },
          { type: 'call', id: 'c1', name: 'read', arguments: '{"path":' },
        ],
        model: 'a/b',
        stop: 'calls',
        usage: { input: 1, output: 2, cacheRead: 0, cacheWrite: 0 },
      },
    ]
    for (const message of messages) log.append('message.added', { turn: 1, message })
    log.dispose()
    const replayed = messagesOf(readLog(logPath(folder)).events)
    expect(replayed).to.deep.equal(messages)
    expect(violations(new History(replayed).messages)).to.deep.equal([])
  })
})
