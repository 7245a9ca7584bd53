import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RivvenError } from '@rivven/link'
import { ErrorCode, type FetchResponse, ZERO_UUID } from '@rivven/protocol'
import { nodeRuntime } from '@rivven/runtime'
import { type FetchAnswerContext, takeFetchAnswer } from '../../../src/consumer/fetch/fetch-answer.js'
import { FetchBuffers } from '../../../src/consumer/fetch/fetch-buffers.js'
import { consumerSettings } from '../../../src/consumer/options/consumer-options.js'
import { batch, stateOf } from './fetched.js'

/** An answer with two records from offset 0 on, to a fetch of a partition that is read from there. */
function fetched({ errorCode = 0, context = {} }: { errorCode?: number; context?: Partial<FetchAnswerContext> } = {}) {
  const state = stateOf(0)
  const target = {
    state,
    version: state.version,
    topic: 't',
    topicId: ZERO_UUID,
    partition: 0,
    fetchOffset: 0,
    currentLeaderEpoch: 1,
    partitionMaxBytes: 1_000,
  }
  const records = batch({ baseOffset: 0, count: 2, leaderEpoch: 1 })
  const partition = { partitionIndex: 0, errorCode, highWatermark: 2, lastStableOffset: 2, records }
  const leader = { preferredReadReplica: -1, currentLeader: { leaderId: 2, leaderEpoch: 5 } }
  const topics = [{ topic: 't', topicId: ZERO_UUID, partitions: [{ ...partition, ...leader }] }]
  const nodeEndpoints = [{ nodeId: 2, host: 'broker-2', port: 9092, rack: null }]
  const answer = { responses: topics, nodeEndpoints } as unknown as FetchResponse
  const buffers = new FetchBuffers()
  const settings = consumerSettings({ bootstrapServers: 'unused' })
  const take = () =>
    takeFetchAnswer(answer, [target], { buffers, settings, broker: 1, ...context } as unknown as FetchAnswerContext)
  return { state, buffers, take }
}

test('records that come are buffered, and the next fetch begins behind them', () => {
  const { state, buffers, take } = fetched()
  assert.equal(take(), true)
  assert.deepEqual(state.fetchPosition, { offset: 2, leaderEpoch: 1 })
  assert.equal(buffers.take(10).length, 2)
})

test('records that come while the leader is asked about the position are left for the next fetch (KIP-320)', () => {
  const { state, buffers, take } = fetched()
  state.phase = { kind: 'validate' }
  assert.equal(take(), false)
  assert.equal(state.fetchPosition?.offset, 0)
  assert.deepEqual(buffers.take(10), [])
})

test('records of a position that was left meanwhile are dropped', () => {
  const { state, buffers, take } = fetched()
  state.jump({ offset: 0, leaderEpoch: -1 })
  assert.equal(take(), false)
  assert.deepEqual(buffers.take(10), [])
})

test('an answer that says the records are damaged or their disk fails tells where, and how to go on', () => {
  for (const [errorCode, code] of [
    [ErrorCode.CORRUPT_MESSAGE, 'CORRUPT_MESSAGE'],
    [ErrorCode.KAFKA_STORAGE_ERROR, 'KAFKA_STORAGE_ERROR'],
  ] as const) {
    const told: RivvenError[] = []
    const troubles = {
      report: (error: RivvenError) => told.push(error),
      failed: (_: string, error: RivvenError) => told.push(error),
    }
    const cluster = {
      runtime: nodeRuntime(),
      hintLeader: () => undefined,
      retryBackoffMs: 100,
      maxRetryBackoffMs: 1000,
    }
    const context = { troubles, cluster, onStaleMetadata: () => undefined } as unknown as Partial<FetchAnswerContext>
    const { state, take } = fetched({ errorCode, context })
    assert.equal(take(), true)
    assert.match(told[0]!.message, /^Fetching t\/0 at offset 0 from broker 1 failed: .* seek to an offset behind them/)
    assert.deepEqual([told[0]!.code, told[0]!.facts.offset], [code, 0])
    assert.ok(state.retryAt > 0, 'it is asked again later, not at once')
  }
})

test('an answer that names another leader, and where it is, is taken as a hint (KIP-951)', () => {
  for (const errorCode of [ErrorCode.NOT_LEADER_OR_FOLLOWER, ErrorCode.FENCED_LEADER_EPOCH]) {
    const hints: unknown[] = []
    const cluster = {
      runtime: nodeRuntime(),
      hintLeader: (...hint: unknown[]) => hints.push(hint),
      retryBackoffMs: 100,
      maxRetryBackoffMs: 1000,
    }
    const context = {
      troubles: { failed: () => undefined },
      cluster,
      onStaleMetadata: () => undefined,
    } as unknown as Partial<FetchAnswerContext>
    fetched({ errorCode, context }).take()
    const place = { nodeId: 2, host: 'broker-2', port: 9092, rack: null }
    assert.deepEqual(hints, [[{ topic: 't', partition: 0, leader: 2, leaderEpoch: 5 }, place]])
  }
})
