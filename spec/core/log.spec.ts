import { expect } from 'chai'
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, readdirSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { resolve } from 'node:path'
import { createLog, type Log } from '../../lib/core/log.ts'
import { Folder } from '../support/folder.ts'

describe('the log', () => {
  const folder = new Folder()
  let log: Log
  afterEach(() => log.dispose())

  const lines = (name = 'drydock.log'): Record<string, unknown>[] =>
    readFileSync(folder.at(name), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))

  it('writes one line of JSON for each message of its level and above, readable by its owner alone', () => {
    log = createLog({ file: folder.at('state/drydock.log'), level: 'info' })
    log.error('one', { message: 'of the data' })
    log.debug('two')
    log.info('three\nlines', [1n, undefined, new Date(0)])
    const found = lines('state/drydock.log').map(({ timestamp, ...line }) => [typeof timestamp, line])
    expect(found).to.deep.equal([
      ['string', { level: 'error', message: 'one', meta: { message: 'of the data' } }],
      ['string', { level: 'info', message: 'three\nlines', meta: ['1', null, '1970-01-01T00:00:00.000Z'] }],
    ])
    expect(statSync(folder.at('state/drydock.log')).mode & 0o777).to.equal(0o600)
    expect(statSync(folder.at('state')).mode & 0o777).to.equal(0o700)
  })

  it('keeps what errors say, their causes too', () => {
    log = createLog({ file: folder.at('drydock.log'), level: 'info' })
    log.warn('failed', { error: new TypeError('outer', { cause: new Error('inner') }) })
    const { error } = lines()[0]!['meta'] as { error: { name: string; stack: string; cause: { message: string } } }
    expect([error.name, error.cause.message, /^TypeError: outer\n +at /.test(error.stack)]).to.deep.equal([
      'TypeError',
      'inner',
      true,
    ])
  })

  it('takes data that JSON cannot hold', () => {
    log = createLog({ file: folder.at('drydock.log'), level: 'info' })
    const circle: Record<string, unknown> = { name: 'circle' }
    circle['self'] = circle
    log.info('circle', circle)
    const angry = {
      get value(): string {
        throw new Error('no')
      },
    }
    log.info('angry', angry)
    log.info('bytes', { bytes: new Uint8Array(3), map: new Map([['a', 1]]), of: Symbol('x') })
    expect(lines().map(({ message, meta }) => [message, meta])).to.deep.equal([
      ['circle', { name: 'circle', self: '[circle]' }],
      ['A line of the log held data that cannot be kept.', undefined],
      ['bytes', { bytes: '[3 bytes]', map: { a: 1 }, of: 'Symbol(x)' }],
    ])
  })

  it('has no secret in it, wherever it stood', () => {
    log = createLog({ file: folder.at('drydock.log'), level: 'info' })
    const secret = 'correct horse "battery"'
    log.redact(secret)
    log.info(`with ${secret}`, { deep: [{ [secret]: secret }], error: new Error(secret) })
    expect(readFileSync(folder.at('drydock.log'), 'utf8')).to.not.match(/horse|battery/)
  })

  it('begins a new file at its size, and keeps so many', () => {
    const file = folder.at('drydock.log')
    log = createLog({ file, level: 'info', largest: 400, keep: 2 })
    for (let number = 0; number < 40; number++) log.info(`message ${number}`)
    expect(readdirSync(folder.path).toSorted()).to.deep.equal(['drydock.log', 'drydock.log.1', 'drydock.log.2'])
    const kept = ['drydock.log.2', 'drydock.log.1', 'drydock.log'].flatMap((name) => lines(name))
    const first = 40 - kept.length
    expect(kept.map(({ message }) => message)).to.deep.equal(kept.map((_, index) => `message ${first + index}`))
    for (const name of readdirSync(folder.path)) {
      const { size, mode } = statSync(folder.at(name))
      expect([size <= 400, mode & 0o777]).to.deep.equal([true, 0o600])
    }
  })

  it('goes on in the new file where another process began it', () => {
    const file = folder.at('drydock.log')
    log = createLog({ file, level: 'info', largest: 400, keep: 2 })
    const other = createLog({ file, level: 'info', largest: 400, keep: 2 })
    for (let number = 0; number < 12; number++) (number % 2 === 0 ? log : other).info(`message ${number}`)
    other.dispose()
    const kept = readdirSync(folder.path).flatMap((name) => lines(name).map(({ message }) => message))
    expect(new Set(kept).size).to.equal(kept.length)
    expect(kept).to.include('message 11').and.include('message 10')
  })

  it('follows no link that someone put in its place', () => {
    const target = folder.write('target', 'mine')
    symlinkSync(target, folder.at('drydock.log'))
    log = createLog({ file: folder.at('drydock.log'), level: 'info' })
    log.info('hello')
    expect(readFileSync(target, 'utf8')).to.equal('mine')
  })

  it('never throws when it cannot write, and says later what was lost', () => {
    mkdirSync(folder.at('drydock.log'))
    log = createLog({ file: folder.at('drydock.log'), level: 'info' })
    log.info('one')
    log.info('two')
    rmSync(folder.at('drydock.log'), { recursive: true })
    log.info('three')
    expect(lines().map(({ level, message }) => [level, message])).to.deep.equal([
      ['warn', '2 lines could not be written'],
      ['info', 'three'],
    ])
  })

  it('never throws on a full disk', function () {
    if (process.platform !== 'linux') this.skip()
    log = createLog({ file: '/dev/full', level: 'info' })
    log.info('one')
    log.error('two')
  })

  it('has every line on disk when the process ends in the same instant', () => {
    const file = folder.at('drydock.log')
    log = createLog({ file, level: 'error' })
    const program = `
      import { createLog } from ${JSON.stringify(resolve('lib/core/log.ts'))}
      const log = createLog({ file: ${JSON.stringify(file)}, level: 'info' })
      for (let number = 0; number < 1000; number++) log.info('message ' + number)
      if (process.argv.includes('throw')) throw new Error('end')
      process.exit(3)`
    for (const [end, status] of [
      ['exit', 3],
      ['throw', 1],
    ] as const) {
      const script = folder.write(`${end}.ts`, program)
      const ended = spawnSync(process.execPath, ['--import', 'tsx', script, end])
      expect([end, ended.status]).to.deep.equal([end, status])
      expect(lines().map(({ message }) => message)).to.deep.equal(
        Array.from({ length: 1000 }, (_, n) => `message ${n}`),
      )
      rmSync(file)
    }
  })
})
