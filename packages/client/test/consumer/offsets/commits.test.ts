import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ErrorCode } from '@rivven/protocol'
import { Commits } from '../../../src/consumer/offsets/commits.js'
import type { Cluster } from '../../../src/net/cluster.js'
import { type GroupRequests, noMember } from '../../../src/net/group-requests.js'

/** Commits to a coordinator that answers with this error. */
function commitsTo(errorCode: number) {
  const refusals: number[] = []
  const clock = { now: () => 0, monotonic: () => 0, setTimer: () => ({ cancel: () => undefined }) }
  const cluster = { runtime: { clock, random: { next: () => 0.5 } }, requestTimeoutMs: 1000 } as unknown as Cluster
  const answer = { topics: [{ name: 't', partitions: [{ partitionIndex: 0, errorCode }] }] }
  const requests = { groupId: 'g', send: async () => answer } as unknown as GroupRequests
  const commits = new Commits(cluster, requests, {
    claimFor: () => () => noMember,
    refused: (code) => {
      refusals.push(code)
      return code
    },
    settled: () => undefined,
  })
  return { commits, refusals }
}

test('a group that the coordinator does not know has no members: the commit fails as that of one who lost its place', async () => {
  const { commits, refusals } = commitsTo(ErrorCode.GROUP_ID_NOT_FOUND)
  await assert.rejects(commits.commit([{ topic: 't', partition: 0, offset: 1 }], { timeoutMs: 1000 }), {
    code: 'COMMIT_FAILED',
    errorCode: ErrorCode.GROUP_ID_NOT_FOUND,
  })
  assert.deepEqual(refusals, [ErrorCode.UNKNOWN_MEMBER_ID])
})
