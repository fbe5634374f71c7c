import { expect } from 'chai'
import { Disposables } from '../../lib/core/dispose.ts'

describe('Disposables', () => {
  it('gives back in the reverse order, each once and each waited for', async () => {
    const order: string[] = []
    const owned = new Disposables()
    owned.add({ dispose: () => void order.push('first') })
    owned.add({
      dispose: async () => {
        await Promise.resolve()
        order.push('second')
      },
    })
    owned.add({ dispose: () => void order.push('third') })
    await owned.dispose()
    await owned.dispose()
    expect(order).to.deep.equal(['third', 'second', 'first'])
  })

  it('gives back the others where one throws, then throws the first error', async () => {
    const order: string[] = []
    const owned = new Disposables()
    owned.add({ dispose: () => void order.push('first') })
    owned.add({ dispose: () => Promise.reject(new Error('later')) })
    owned.add({
      dispose: () => {
        throw new Error('sooner')
      },
    })
    const error = await owned.dispose().catch((thrown: Error) => thrown)
    expect([(error as Error).message, order]).to.deep.equal(['sooner', ['first']])
  })

  it('returns what it was given', () => {
    const item = { dispose: () => undefined, name: 'item' }
    expect(new Disposables().add(item)).to.equal(item)
  })
})
