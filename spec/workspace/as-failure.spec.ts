import { expect } from 'chai'
import { Failure } from '../../lib/core/failure.ts'
import { asFailure } from '../../lib/workspace/as-failure.ts'

const [store, project] = ['/nowhere/store', '/']

function codeOf(code: string, path?: string): string {
  const error = Object.assign(new Error(code), { code, path })
  const told = asFailure(error, store, project)
  return told instanceof Failure ? told.code : told === error ? 'as it was' : 'something else'
}

describe('an error of the system', () => {
  it('that a missing file is goes by the place', () => {
    const own = asFailure(Object.assign(new Error(), { code: 'ENOENT', path: `${store}/state.json` }), store, '/tmp')
    expect(own).to.be.instanceOf(Failure).with.property('code', 'disk')
    const beside = Object.assign(new Error(), { code: 'ENOENT', path: '/nowhere/else' })
    expect(asFailure(beside, store, '/tmp')).to.equal(beside)
    for (const path of [undefined, `${store}/upper/a`, `${store}/copy/b`, '/proc/self/fd/9/c'])
      expect([path, codeOf('ENOENT', path)]).to.deep.equal([path, 'conflict'])
    expect(asFailure(beside, store, '/nowhere/project')).to.have.property('code', 'missing')
  })

  it('is a sentence where the person can do something, and else what it was', () => {
    const codes = ['ENOSPC', 'EACCES', 'EMFILE', 'ELOOP', 'EXDEV'].map((code) => codeOf(code))
    expect(codes).to.deep.equal(['disk', 'permission', 'limit', 'conflict', 'as it was'])
  })
})
