import assert from 'node:assert/strict'
import { test } from 'node:test'
import { codeOf, Host, identityOf } from './support/host.js'

const given = (producerId: number, producerEpoch: number) => ({ errorCode: 0, producerId, producerEpoch })
const refused = (errorCode: number) => ({ errorCode, producerId: -1, producerEpoch: -1 })

test('an id gets a producer id, and each instance another epoch', () => {
  const host = new Host()
  assert.deepEqual(identityOf(host.init()), given(1000, 0))
  assert.deepEqual(identityOf(host.init()), given(1000, 1))
  assert.deepEqual(identityOf(host.init({ transactionalId: 'y' })), given(1001, 0))
  host.restart()
  assert.deepEqual(identityOf(host.init()), given(1000, 2))
})

test('an unknown id may name any producer', () => {
  assert.deepEqual(identityOf(new Host().init({ producerId: 0, producerEpoch: 0 })), given(1000, 0))
  assert.deepEqual(identityOf(new Host().init({ producerId: 555, producerEpoch: 7 })), given(1000, 0))
})

test('empty ids, half a producer and impossible timeouts are refused', () => {
  const host = new Host()
  assert.equal(codeOf(host.init({ transactionalId: '' })), 42)
  assert.equal(codeOf(host.init({ transactionalId: null })), 42)
  assert.equal(codeOf(host.init({ producerId: 5 })), 42)
  assert.equal(codeOf(host.init({ producerEpoch: 5 })), 42)
  for (const timeoutMs of [0, -1, 900_001]) assert.equal(codeOf(host.init({ timeoutMs })), 50)
  assert.equal(codeOf(host.init({ timeoutMs: 900_000 })), 0)
})

test('a producer raises its epoch by naming the present one, and may repeat that, also after a failover', () => {
  const host = new Host()
  host.init()
  assert.deepEqual(identityOf(host.init({ producerId: 1000, producerEpoch: 0 })), given(1000, 1))
  assert.deepEqual(identityOf(host.init({ producerId: 1000, producerEpoch: 0 })), given(1000, 1))
  host.restart()
  assert.deepEqual(identityOf(host.init({ producerId: 1000, producerEpoch: 0 })), given(1000, 1))
})

test('who names an older epoch or another producer id is fenced, in the words of the version', () => {
  const host = new Host()
  host.init()
  host.init()
  assert.deepEqual(identityOf(host.init({ producerId: 1000, producerEpoch: 0 })), refused(90))
  assert.deepEqual(identityOf(host.init({ producerId: 1000, producerEpoch: 0 }, 3)), refused(47))
  assert.deepEqual(identityOf(host.init({ producerId: 1234, producerEpoch: 1 })), refused(90))
})

test('an open transaction is aborted with a raised epoch first', () => {
  const host = new Host()
  host.init()
  host.add({ producerId: 1000, producerEpoch: 0 })
  const fencing = host.init()
  assert.deepEqual(identityOf(fencing), refused(51))
  const [markers] = fencing.effects
  assert.deepEqual(
    { epoch: markers?.producerEpoch, committed: markers?.committed, partitions: markers?.partitions },
    { epoch: 1, committed: false, partitions: [{ topic: 't', partitions: [0] }] },
  )
  assert.deepEqual(identityOf(host.init()), refused(51))
  host.written(markers)
  assert.deepEqual(identityOf(host.init()), given(1000, 2))
})

test('a producer that ran out of epochs gets a new id', () => {
  const host = new Host()
  host.given({ producerEpoch: 32_766 })
  assert.deepEqual(identityOf(host.init({ producerId: 7, producerEpoch: 32_766 })), given(1000, 0))
  assert.deepEqual(identityOf(host.init({ producerId: 7, producerEpoch: 32_766 })), given(1000, 0))
  const another = new Host()
  another.given({ producerEpoch: 32_766 })
  assert.deepEqual(identityOf(another.init()), given(1000, 0))
  assert.deepEqual(identityOf(another.init({ producerId: 7, producerEpoch: 32_766 })), refused(90))
})

test('an open transaction at the last epoch ends under the old producer id and goes on under a new one', () => {
  const host = new Host()
  host.given({ producerEpoch: 32_766, state: 'Ongoing', partitions: [{ topic: 't', partitions: [0] }] })
  const { effects } = host.init()
  assert.deepEqual([effects[0]?.producerId, effects[0]?.producerEpoch], [7, 32_767])
  host.written(effects[0])
  assert.deepEqual([host.transaction().producerId, host.transaction().producerEpoch], [1000, 0])
  assert.deepEqual(identityOf(host.init()), given(1000, 1))
})

test('without a producer id at hand the client is asked to try again', () => {
  const host = new Host()
  host.hasProducerIds = false
  assert.deepEqual(identityOf(host.init()), refused(14))
  host.given({ producerEpoch: 32_766 })
  assert.deepEqual(identityOf(host.init()), refused(14))
  host.given({ producerEpoch: 32_766, state: 'Ongoing', partitions: [{ topic: 't', partitions: [0] }] })
  assert.deepEqual(identityOf(host.init()), refused(14))
  assert.equal(codeOf(host.end({ producerId: 7, producerEpoch: 32_766 }, true, 5)), 14)
  assert.equal(host.transaction().state, 'Ongoing')
})
