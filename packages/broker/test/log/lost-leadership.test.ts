import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ErrorCode } from '@rivven/protocol'
import { engines } from './engines.js'
import { batchOf } from './log-fixture.js'

const orders = { name: 'orders', id: 'AAAAAAAAAAAAAAAAAAAAAQ' }
const fromStart = { offset: 0, maxBytes: 1_000_000, atLeastOne: true, isolation: 'uncommitted' } as const

for (const { name, partition } of engines) {
  test(`${name}: who waits for a log that is led elsewhere now is told so, and so is who comes`, async () => {
    const part = await partition()
    const { log, logs } = part
    await part.append(batchOf(['a=1']))
    let isTold = false
    log.onChange(() => {
      isTold = true
    })
    const waiting = part.append(batchOf(['b=2']))
    const lost = logs.lose('orders', 0)
    assert.equal((await waiting).errorCode, ErrorCode.NOT_LEADER_OR_FOLLOWER)
    await lost
    assert.ok(isTold, 'parked readers look again')
    assert.equal((await part.append(batchOf(['c=3']))).errorCode, ErrorCode.NOT_LEADER_OR_FOLLOWER)
    assert.equal((await log.read(fromStart)).errorCode, ErrorCode.NOT_LEADER_OR_FOLLOWER)
    assert.deepEqual(
      [logs.has('orders', 0), logs.get('orders', 0), logs.opened('orders', 0)],
      [false, undefined, undefined],
    )
    await logs.lose('orders', 0)
    await logs.lose('payments', 7)
  })

  test(`${name}: a partition that is led here again has what was acknowledged, and its new epoch`, async () => {
    const part = await partition()
    await part.append(batchOf(['a=1']))
    await part.logs.lose('orders', 0)
    await part.logs.open({ ...orders, configs: part.log.config }, [0], 7)
    const log = part.logs.get('orders', 0)
    assert.deepEqual([log?.logEndOffset, log?.leaderEpoch], [1, 7])
    assert.equal(
      (await log?.append(batchOf(['b=2']), { acks: -1, origin: 'client', produceVersion: 9 }))?.baseOffset,
      1,
    )
    assert.deepEqual(log?.endOffsetForEpoch(0), { leaderEpoch: 0, endOffset: 1 })
    await part.logs.close()
  })
}
