import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CommitFailedError } from '@rivven/link'
import { ErrorCode } from '@rivven/protocol'
import type { OffsetToCommit } from '../../../src/admin/group-offsets.js'
import { type CommitPermit, unsharedClaim } from '../../../src/consumer/offsets/commit-claims.js'
import { Commits } from '../../../src/consumer/offsets/commits.js'
import type { Cluster } from '../../../src/net/cluster.js'
import type { GroupIdentity, GroupRequests } from '../../../src/net/group-requests.js'

/** Commits to a coordinator that answers with this error. */
function commitsTo(errorCode: number) {
  const refusals: number[] = []
  const clock = { now: () => 0, monotonic: () => 0, setTimer: () => ({ cancel: () => undefined }) }
  const cluster = { runtime: { clock, random: { next: () => 0.5 } }, requestTimeoutMs: 1000 } as unknown as Cluster
  const answer = { topics: [{ name: 't', partitions: [{ partitionIndex: 0, errorCode }] }] }
  const requests = { groupId: 'g', send: async () => answer } as unknown as GroupRequests
  const commits = new Commits(cluster, requests, {
    claimFor: () => unsharedClaim,
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

test('whoever reads by itself is told that a group with members takes commits of these only', async () => {
  const { commits } = commitsTo(ErrorCode.UNKNOWN_MEMBER_ID)
  await assert.rejects(commits.commit([{ topic: 't', partition: 0, offset: 1 }], { timeoutMs: 1000 }), {
    code: 'COMMIT_FAILED',
    message:
      /^Committing t\/0 for group g failed: the group has members, and only they may commit\. Give this consumer/,
  })
})

test('a commit of a member whose place another took is fenced for good', async () => {
  const { commits } = commitsTo(ErrorCode.FENCED_INSTANCE_ID)
  await assert.rejects(commits.commit([{ topic: 't', partition: 0, offset: 1 }], { timeoutMs: 1000 }), {
    code: 'FENCED_INSTANCE_ID',
    fatal: true,
  })
})

const settled = () => new Promise((resolve) => setImmediate(resolve))

/** Commits of a member whose place in its group, and whose coordinator's answers, are the test's. */
function commitsOfMember() {
  const sent: { generation: number; partitions: number[]; channel?: string; answer: (errorCode?: number) => void }[] =
    []
  const clock = { now: () => 0, monotonic: () => 0, setTimer: () => ({ cancel: () => undefined }) }
  const cluster = { runtime: { clock, random: { next: () => 0.5 } }, requestTimeoutMs: 1000 } as unknown as Cluster
  const send = (_api: unknown, request: CommitRequest, { channel }: { channel?: string }) =>
    new Promise((resolve) => {
      const partitions = request.topics.flatMap((topic) => topic.partitions.map(({ partitionIndex }) => partitionIndex))
      const answer = (errorCode = 0) =>
        resolve({
          topics: [{ name: 't', partitions: partitions.map((partitionIndex) => ({ partitionIndex, errorCode })) }],
        })
      sent.push({ generation: request.generationIdOrMemberEpoch, partitions, channel, answer })
    })
  let place: Partial<CommitPermit> | null = {}
  let tell: () => void
  let changed = new Promise<void>((resolve) => {
    tell = resolve
  })
  const requests = { groupId: 'g', send } as unknown as GroupRequests
  const commits = new Commits(cluster, requests, {
    claimFor: () => ({
      permit: (offsets) => place && { identity: memberIn(1), isJoining: false, offsets, refusal: null, ...place },
      changed: () => changed,
    }),
    refused: () => null,
    settled: () => undefined,
  })
  /** It stands elsewhere; null: between two generations. */
  const stand = (at: Partial<CommitPermit> | null) => {
    place = at
    tell()
    changed = new Promise((resolve) => {
      tell = resolve
    })
  }
  return { commits, sent, stand }
}

interface CommitRequest {
  generationIdOrMemberEpoch: number
  topics: { partitions: { partitionIndex: number }[] }[]
}

function memberIn(generationId: number): GroupIdentity {
  return { generationId, memberId: 'm', groupInstanceId: null }
}

const one: OffsetToCommit[] = [{ topic: 't', partition: 0, offset: 1 }]
const patient = { timeoutMs: 1000, isPatient: true }

test('a commit between two generations waits for the next one, and goes in it', async () => {
  const { commits, sent, stand } = commitsOfMember()
  stand(null)
  const committing = commits.commit(one, patient)
  await settled()
  assert.equal(sent.length, 0)
  stand({ identity: memberIn(2) })
  await settled()
  assert.deepEqual([sent[0]?.generation, sent[0]?.channel], [2, 'coordinator'])
  sent[0]!.answer()
  assert.deepEqual(await committing, [])
})

test('a commit while JoinGroup is on its way goes past it; refused, it is sent again when the group has gone on', async () => {
  const { commits, sent, stand } = commitsOfMember()
  stand({ isJoining: true })
  const committing = commits.commit(one, patient)
  await settled()
  assert.deepEqual([sent[0]?.generation, sent[0]?.channel], [1, 'main'])
  sent[0]!.answer(ErrorCode.ILLEGAL_GENERATION)
  await settled()
  assert.equal(sent.length, 1)
  stand(null)
  await settled()
  stand({ identity: memberIn(2) })
  await settled()
  assert.equal(sent[1]?.generation, 2)
  sent[1]!.answer()
  await committing
})

test('what was lost is named, and the rest of its commit is committed all the same', async () => {
  const { commits, sent, stand } = commitsOfMember()
  const refusal = new CommitFailedError('COMMIT_FAILED', 't/1 cannot be committed')
  stand({ offsets: one, refusal })
  const failing = assert.rejects(commits.commit([...one, { topic: 't', partition: 1, offset: 1 }], patient), refusal)
  await settled()
  assert.deepEqual(sent[0]?.partitions, [0])
  sent[0]!.answer()
  await failing
  stand({ offsets: [], refusal })
  await assert.rejects(commits.commit(one, patient), refusal)
  assert.equal(sent.length, 1)
})

test('a commit that waits for its group ends when the consumer ends, and one in the background at once', async () => {
  const { commits, sent, stand } = commitsOfMember()
  stand(null)
  await assert.rejects(commits.commitOnce(one), { code: 'REBALANCE_IN_PROGRESS' })
  await assert.rejects(commits.commit(one, { timeoutMs: 1000 }), { code: 'REBALANCE_IN_PROGRESS' })
  const waiting = assert.rejects(commits.commit(one, patient), { code: 'REBALANCE_IN_PROGRESS' })
  await settled()
  await commits.finish()
  await waiting
  assert.equal(sent.length, 0)
})
