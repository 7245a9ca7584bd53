import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DecodeError, readMetrics, writeMetrics } from '@rivven/protocol'
import fc from 'fast-check'

const seed = Number(process.env.SEED ?? 714)
const all = () => true

/** One field of a message: number, wire type, content. */
const bytes = (field: number, content: Buffer | string) =>
  Buffer.concat([Buffer.from([field * 8 + 2, content.length]), Buffer.from(content)])

test('what is written is read again: attributes and values', () => {
  const texts = fc.dictionary(fc.string({ minLength: 1 }), fc.string(), { maxKeys: 8, noNullPrototype: true })
  const numbers = fc.dictionary(fc.string({ minLength: 1 }), fc.double(), { maxKeys: 20, noNullPrototype: true })
  const property = fc.property(texts, numbers, (attributes, values) => {
    const told = readMetrics(writeMetrics({ attributes, values, now: 1_700_000_000_000 }), all)
    assert.deepEqual(Object.fromEntries(told.attributes), attributes)
    assert.deepEqual(Object.fromEntries(told.values), values)
  })
  fc.assert(property, { seed, numRuns: 300 })
})

test('fields that nobody knows are passed over, as are metrics that nobody wants', () => {
  const known = writeMetrics({ attributes: { group_id: 'g' }, values: { a: 1, b: 2 }, now: 0 })
  // A varint, a fixed64, a fixed32 and bytes of fields 15, around what is known.
  const unknown = Buffer.from('78ffffffffffffffffff01790102030405060708' + '7d01020304' + '7a03616263', 'hex')
  const { attributes, values } = readMetrics(Buffer.concat([unknown, known, unknown]), (name) => name === 'b')
  assert.deepEqual([...attributes], [['group_id', 'g']])
  assert.deepEqual([...values], [['b', 2]])
})

test('a sum of whole numbers is read as a gauge of doubles is', () => {
  const asInt = Buffer.concat([Buffer.from([6 * 8 + 1]), Buffer.from('feffffffffffffff', 'hex')])
  const metric = Buffer.concat([bytes(1, 'count'), bytes(7, bytes(1, asInt))])
  const data = bytes(1, bytes(2, bytes(2, metric)))
  assert.deepEqual([...readMetrics(data, all).values], [['count', -2]])
})

test('bytes that are no messages are refused, wherever they end', () => {
  const whole = writeMetrics({ attributes: { group_id: 'g' }, values: { a: 1 }, now: 0 })
  for (let end = 1; end < whole.length; end++) {
    assert.throws(() => readMetrics(whole.subarray(0, end), all), DecodeError, `${end} of ${whole.length} bytes`)
  }
  for (const hex of ['07', '0b', '00', '0aff', '08ffffffffffffffffffff01', '0affffffffffffffff7f'])
    assert.throws(() => readMetrics(Buffer.from(hex, 'hex'), all), DecodeError, hex)
})

test('of many attributes and long texts no more is kept than a client has to say', () => {
  const attributes = Object.fromEntries(Array.from({ length: 100 }, (_, at) => [`key-${at}`, 'x']))
  const told = readMetrics(writeMetrics({ attributes, values: { ['n'.repeat(2_000)]: 1 }, now: 0 }), all)
  assert.equal(told.attributes.size, 32)
  assert.equal(told.values.size, 0)
})
