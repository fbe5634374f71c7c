import assert from 'node:assert/strict'
import test from 'node:test'
import { format } from '../src/format.js'
import { parse } from '../src/parse.js'

test('reads a day', () => {
  assert.equal(format(parse('2024-02-29')), '2024-02-29')
})

test('rejects days that do not exist', () => {
  assert.throws(() => parse('2024-02-30'), RangeError)
})
