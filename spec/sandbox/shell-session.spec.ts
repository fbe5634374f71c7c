import { expect } from 'chai'
import type { Failure } from '../../lib/core/failure.ts'
import type { Enclosure, Program, TerminalCommand } from '../../lib/sandbox/enclosure.ts'
import { ShellSession } from '../../lib/sandbox/shell-session.ts'

/** This machine as an enclosure, of which only terminals are there; the first so many are ended by a signal at once. */
function open(struck: number) {
  let asked = 0
  const terminal = ({ argv, env = {} }: Program): TerminalCommand => {
    const [file, ...args] = ++asked <= struck ? ['bash', '-c', 'kill -HUP $$'] : argv
    return { file: file!, args, env: { PATH: process.env['PATH']!, ...env }, advice: 'Advice.' }
  }
  const options = { cwd: '/', size: { cols: 80, rows: 24 }, tag: 'spec', onText: () => {} }
  const opening = ShellSession.open({ enclosure: { terminal } as unknown as Enclosure, ...options })
  return { opening, asked: () => asked }
}

describe('a session of the shell', () => {
  it('is opened once more where a signal that was not for it has ended it', async () => {
    const { opening, asked } = open(1)
    const session = await opening
    expect([asked(), session.ended]).to.deep.equal([2, false])
    session.hangUp()
  })

  it('says which signal it was where that comes again', async () => {
    const { opening, asked } = open(9)
    const failure = await opening.then(
      () => undefined,
      (error: unknown) => error as Failure,
    )
    expect(failure?.message).to.equal('The shell could not be opened: bash ended by signal 1. Advice.')
    expect(asked()).to.equal(2)
  })
})
