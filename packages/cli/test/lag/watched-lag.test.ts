import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { GroupDescription } from '@rivven/client'
import { type LagRow, notKnown } from '../../src/lag/lag-row.js'
import { WatchedLag } from '../../src/lag/watched-lag.js'

const begin = 1_700_000_000_000
const everyMs = 10_000

function group(memberIds: readonly string[]): GroupDescription {
  const members = memberIds.map((memberId) => ({ memberId }))
  return { groupId: 'g', protocolType: 'consumer', members } as unknown as GroupDescription
}

function row(currentOffset: number | null, logEndOffset: number, more: Partial<LagRow> = {}): LagRow {
  const lag = currentOffset === null ? null : logEndOffset - currentOffset
  return { topic: 't', partition: 0, currentOffset, logEndOffset, lag, ...notKnown, owner: 'm-1', ...more }
}

/** What each look tells, ten seconds after the one before. */
function looks(rows: readonly LagRow[], memberIds: readonly string[] = ['m-1']): LagRow[] {
  const watched = new WatchedLag()
  return rows.map((each, at) => watched.seen(group(memberIds), [each], begin + at * everyMs)[0]!)
}

const several = <Thing>(count: number, make: (at: number) => Thing) =>
  Array.from({ length: count }, (_, at) => make(at))

test('rates are known with the third look, and by them when the group will have caught up', () => {
  const seen = looks(several(3, (at) => row(100 + at * 50, 1_000 + at * 10)))
  assert.deepEqual(
    seen.map(({ consumedPerSecond, producedPerSecond, catchUpSeconds }) => [
      consumedPerSecond,
      producedPerSecond,
      catchUpSeconds,
    ]),
    [
      [null, null, null],
      [null, null, null],
      [5, 1, 210],
    ],
  )
})

test('who falls behind never catches up, and who stands beside a quiet topic is standing', () => {
  assert.equal(looks(several(3, (at) => row(100 + at, 1_000 + at * 10))).at(-1)?.eta, 'growing')
  assert.equal(looks(several(3, () => row(100, 1_000))).at(-1)?.eta, 'standing')
  assert.deepEqual(looks([row(7, 7)])[0]?.catchUpSeconds, 0)
})

test('a topic that was made anew begins its rate anew', () => {
  const ends = [1_000, 1_010, 5, 15, 25]
  assert.deepEqual(
    looks(ends.map((end) => row(0, end))).map(({ producedPerSecond }) => producedPerSecond),
    [null, null, null, null, 1],
  )
})

const waits = (seconds: number) => ({ waiting: true, lagSeconds: seconds })

test('a group that commits nothing while something waits has stopped, once it was watched for two minutes', () => {
  const seen = looks(several(14, (at) => row(100, 1_000, waits(3_600 + at * 10))))
  assert.deepEqual(
    seen.map(({ status }) => status),
    [...several(13, () => 'OK'), 'STOP'],
  )
  assert.equal(seen[12]?.reason, 'catching up')
  assert.equal(seen.at(-1)?.reason, 'no commits')
})

test('why it has stopped: nobody is there, or nobody owns the partition', () => {
  const stopped = several(14, (at) => row(100, 1_000, { ...waits(3_600 + at * 10), owner: null }))
  assert.equal(looks(stopped, []).at(-1)?.reason, 'no members')
  assert.equal(looks(stopped).at(-1)?.reason, 'no owner')
})

test('an offset that falls under members is a rewind, and a warning is what does not get less', () => {
  assert.equal(looks([row(100, 1_000, waits(60)), row(90, 1_000, waits(70))]).at(-1)?.status, 'REWIND')
  const worse = several(14, (at) => row(100 + at, 1_000 + at * 10, waits(60)))
  assert.equal(looks(worse).at(-1)?.status, 'WARN')
})

test('without the time that something has waited there is no status, and without an offset nothing', () => {
  const [, , last] = looks(several(3, (at) => row(100 + at * 10, 1_000)))
  assert.deepEqual([last?.status, last?.consumedPerSecond], [null, 1])
  assert.deepEqual(looks([row(null, 10)])[0], row(null, 10))
})

test('each group has its own places, and those that are gone are forgotten', () => {
  const watched = new WatchedLag()
  const other = { ...group([]), groupId: 'other' }
  for (const at of [0, 1]) watched.seen(group([]), [row(at * 10, 100)], begin + at * everyMs)
  assert.equal(watched.seen(other, [row(20, 100)], begin + 2 * everyMs)[0]?.consumedPerSecond, null)
  watched.seen(group([]), [], begin + 2 * everyMs)
  assert.equal(watched.seen(group([]), [row(20, 100)], begin + 3 * everyMs)[0]?.consumedPerSecond, null)
})
