import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ErrorCode } from '@rivven/protocol'
import { engines } from './engines.js'
import { batchOf, sequenced } from './log-fixture.js'

const { NONE, OUT_OF_ORDER_SEQUENCE_NUMBER, INVALID_PRODUCER_EPOCH } = ErrorCode
const MAX_SEQUENCE = 2 ** 31 - 1

for (const engine of engines) {
  test(`${engine.name}: offsets follow the order of calls, whatever acks they ask`, async () => {
    const part = await engine.partition()
    const answers = await Promise.all([
      part.append(batchOf(['a=1', 'b=2']), -1),
      part.append(batchOf(['c=3']), 1),
      part.append(batchOf(['d=4']), 0),
      part.append(batchOf(['e=5']), -1),
    ])
    assert.deepEqual(
      answers.map(({ baseOffset }) => baseOffset),
      [0, 2, 3, 4],
    )
    assert.deepEqual(await part.contents(), ['0 a=1', '1 b=2', '2 c=3', '3 d=4', '4 e=5'])
    await part.logs.close()
  })

  test(`${engine.name}: a batch sent again while the first is under way gets the first one's offset, and is stored once`, async () => {
    const part = await engine.partition()
    const twice = [
      part.append(sequenced(7, 0, 0, 3)),
      part.append(sequenced(7, 0, 0, 3), 1),
      part.append(sequenced(7, 0, 3)),
    ]
    const answers = await Promise.all(twice)
    assert.deepEqual(
      answers.map(({ errorCode, baseOffset }) => [errorCode, baseOffset]),
      [
        [NONE, 0],
        [NONE, 0],
        [NONE, 3],
      ],
    )
    assert.equal(part.log.logEndOffset, 4)
    await part.logs.close()
  })

  test(`${engine.name}: the last five batches of a producer are known again, the sixth is out of order`, async () => {
    const part = await engine.partition()
    for (let sequence = 0; sequence < 6; sequence++) await part.append(sequenced(7, 0, sequence))
    for (let sequence = 1; sequence < 6; sequence++) {
      assert.equal((await part.append(sequenced(7, 0, sequence))).baseOffset, sequence)
    }
    assert.equal((await part.append(sequenced(7, 0, 0))).errorCode, OUT_OF_ORDER_SEQUENCE_NUMBER)
    assert.equal(part.log.logEndOffset, 6)
    await part.logs.close()
  })

  test(`${engine.name}: gaps, old epochs and new epochs that do not begin with 0 are refused, and take no offset`, async () => {
    const part = await engine.partition()
    const codeOf = async (batch: Buffer) => (await part.append(batch)).errorCode
    assert.equal(await codeOf(sequenced(7, 3, 10)), NONE)
    assert.equal(await codeOf(sequenced(7, 3, 12)), OUT_OF_ORDER_SEQUENCE_NUMBER)
    assert.equal(await codeOf(sequenced(7, 2, 11)), INVALID_PRODUCER_EPOCH)
    assert.equal(await codeOf(sequenced(7, 4, 11)), OUT_OF_ORDER_SEQUENCE_NUMBER)
    assert.equal(await codeOf(sequenced(7, 4, 0)), NONE)
    assert.equal(await codeOf(sequenced(7, 3, 11)), INVALID_PRODUCER_EPOCH)
    assert.equal(await codeOf(sequenced(7, 4, 1)), NONE)
    assert.equal(part.log.logEndOffset, 3)
    await part.logs.close()
  })

  test(`${engine.name}: after the highest sequence comes 0, also inside of a batch`, async () => {
    const part = await engine.partition()
    assert.equal((await part.append(sequenced(7, 0, MAX_SEQUENCE))).errorCode, NONE)
    assert.equal((await part.append(sequenced(7, 0, 0))).errorCode, NONE)
    const inside = batchOf(['a=1', 'b=2', 'c=3'], { producerId: 8, producerEpoch: 0, baseSequence: MAX_SEQUENCE })
    assert.equal((await part.append(inside)).errorCode, NONE)
    assert.equal((await part.append(sequenced(8, 0, 2))).errorCode, NONE)
    await part.logs.close()
  })

  test(`${engine.name}: sequences outlive a clean restart`, async () => {
    const part = await engine.partition()
    for (let sequence = 0; sequence < 8; sequence += 2) await part.append(sequenced(7, 0, sequence, 2))
    await part.restart()
    assert.equal((await part.append(sequenced(7, 0, 6, 2))).baseOffset, 6)
    assert.equal((await part.append(sequenced(7, 0, 9))).errorCode, OUT_OF_ORDER_SEQUENCE_NUMBER)
    assert.equal((await part.append(sequenced(7, 0, 8))).baseOffset, 8)
    await part.logs.close()
  })

  test(`${engine.name}: an idle producer is forgotten, by the time of its records`, async () => {
    const part = await engine.partition()
    await part.append(sequenced(7, 0, 0))
    part.clock.time += 86_400_000
    await part.append(batchOf(['x=1'], { producerId: 8, producerEpoch: 0, baseSequence: 0 }, part.clock.time))
    await part.logs.retain()
    assert.deepEqual([...part.log.state.producers.producers.keys()], [8])
    assert.equal((await part.append(sequenced(7, 0, 55))).errorCode, NONE)
    await part.logs.close()
  })
}
