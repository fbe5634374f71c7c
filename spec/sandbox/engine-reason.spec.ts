import { expect } from 'chai'
import { Failure } from '../../lib/core/failure.ts'
import { engineFailure, engineReason } from '../../lib/sandbox/engine-reason.ts'

const errno = (code: string, syscall: string) => Object.assign(new Error(`${syscall} ${code}`), { code, syscall })
const goneSentence = 'the engine does not answer any more. Look whether it runs (`agent doctor`), then try again.'

describe("an engine's reason", () => {
  it('is the end of a sentence, whatever it said', () => {
    expect(engineReason(new Error(' no space left on device\n'))).to.equal('no space left on device.')
    expect(engineReason(new Error('Try again!'))).to.equal('Try again!')
    for (const error of [errno('ECONNRESET', 'read'), errno('ECONNREFUSED', 'connect'), errno('ENOENT', 'connect')])
      expect(engineReason(error)).to.equal(goneSentence)
  })

  it('makes a failure of what its client threw, and of nothing else', () => {
    const answered = Object.assign(new Error('server error'), { statusCode: 500 })
    for (const error of [answered, errno('ECONNRESET', 'read')])
      expect(engineFailure(error)).to.be.instanceOf(Failure).with.property('code', 'engine')
    for (const other of [new Failure('busy', 'x'), errno('ENOENT', 'open'), new TypeError('a defect')])
      expect(engineFailure(other)).to.equal(other)
  })
})
