import { expect } from 'chai'
import type { Intents } from '../../lib/core/events.ts'
import { isIntent } from '../../lib/remote/intents.ts'

describe('an intent that comes from outside', () => {
  /** One of each, with all that it may carry. */
  const right: { [K in keyof Intents]: Required<Intents[K]> } = {
    'prompt.submit': { text: 'go' },
    'prompt.recall': { text: 'go' },
    'command.submit': { command: 'ls' },
    'turn.cancel': {},
    'approval.answer': { id: 'a', answer: 'no', remark: 'not so' },
    'model.choose': { model: 'openai/gpt-5' },
    'mode.choose': { mode: 'plan' },
    'changes.apply': {
      selection: { paths: [], parts: [{ path: 'a', hunks: [{ hunk: 0, lines: [1] }] }] },
      over: ['a'],
    },
    'changes.discard': { selection: 'all' },
    'commits.fetch': {},
    'port.open': { port: 80 },
    'terminal.input': { bytes: 'x' },
    'terminal.resize': { cols: 80, rows: 24 },
    'keyboard.choose': { holder: 'person' },
    'turn.undo': { to: { checkpoint: '3' } },
    'stats.ask': {},
    'setup.choose': { key: 'a', secret: 's' },
    'app.quit': {},
  }
  const names = Object.keys(right) as (keyof Intents)[]

  it('is taken where it has what it carries, and no more', () => {
    expect(names.filter((name) => !isIntent(name, right[name]))).to.deep.equal([])
    expect(names.filter((name) => isIntent(name, { ...right[name], more: 1 }))).to.deep.equal([])
    expect(names.filter((name) => isIntent(name, null) || isIntent(name, []))).to.deep.equal([])
  })

  it('is taken with no field of another type', () => {
    const wrong = names.flatMap((name) =>
      Object.keys(right[name]).filter((field) => isIntent(name, { ...right[name], [field]: { x: 1 } })),
    )
    expect(wrong).to.deep.equal([])
  })
})
