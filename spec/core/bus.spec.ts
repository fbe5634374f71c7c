import { expect } from 'chai'
import { Bus } from '../../lib/core/bus.ts'

const chosen = (model: string) => ({ model })

describe('Bus', () => {
  it('calls handlers in the order in which they came, those of every event last', () => {
    const heard: string[] = []
    const bus = new Bus(() => heard.push('reported'))
    bus.onAny((name) => heard.push(`any ${name}`))
    bus.on('model.chosen', ({ model }) => heard.push(`first ${model}`))
    bus.on('model.chosen', ({ model }) => heard.push(`second ${model}`))
    bus.emit('model.chosen', chosen('a/b'))
    bus.emit('turn.cancel', {})
    expect(heard).to.deep.equal(['first a/b', 'second a/b', 'any model.chosen', 'any turn.cancel'])
  })

  it('lets an event emitted by a handler wait until all have heard the present one', () => {
    const heard: string[] = []
    const bus = new Bus(() => heard.push('reported'))
    bus.on('model.choose', ({ model }) => {
      bus.emit('model.chosen', { model })
      heard.push('first')
    })
    bus.on('model.choose', () => heard.push('second'))
    bus.on('model.chosen', () => heard.push('nested'))
    bus.emit('model.choose', chosen('a/b'))
    expect(heard).to.deep.equal(['first', 'second', 'nested'])
  })

  it('reports a handler that throws, and calls the others', () => {
    const heard: unknown[] = []
    const bus = new Bus((error, name) => heard.push([name, (error as Error).message]))
    bus.on('model.chosen', () => {
      throw new Error('one')
    })
    bus.on('model.chosen', () => heard.push('other'))
    bus.onAny(() => {
      throw new Error('two')
    })
    bus.emit('model.chosen', chosen('a/b'))
    bus.emit('turn.cancel', {})
    expect(heard).to.deep.equal([['model.chosen', 'one'], 'other', ['model.chosen', 'two'], ['turn.cancel', 'two']])
  })

  it('is at rest after a report that throws itself', () => {
    const heard: string[] = []
    const bus = new Bus((error) => {
      throw error
    })
    const broken = bus.on('model.chosen', () => {
      throw new Error('one')
    })
    expect(() => bus.emit('model.chosen', chosen('a/b'))).to.throw('one')
    broken.dispose()
    bus.on('model.chosen', ({ model }) => heard.push(model))
    bus.emit('model.chosen', chosen('c/d'))
    expect(heard).to.deep.equal(['c/d'])
  })

  it('forgets disposed handlers, and only those, however often they are disposed of', () => {
    const heard: string[] = []
    const bus = new Bus(() => heard.push('reported'))
    const one = bus.on('turn.cancel', () => heard.push('one'))
    const two = bus.onAny(() => heard.push('two'))
    bus.onAny(() => heard.push('three'))
    one.dispose()
    two.dispose()
    two.dispose()
    bus.emit('turn.cancel', {})
    expect(heard).to.deep.equal(['three'])
  })

  it('may be told to forget a handler while it calls them', () => {
    const heard: string[] = []
    const bus = new Bus(() => heard.push('reported'))
    const once = bus.onAny(() => {
      heard.push('once')
      once.dispose()
    })
    bus.onAny(() => heard.push('always'))
    bus.emit('turn.cancel', {})
    bus.emit('turn.cancel', {})
    expect(heard).to.deep.equal(['once', 'always', 'always'])
  })
})
