import assert from 'node:assert/strict'
import { test } from 'node:test'
import { buildBatch, Fetch, ListOffsets, partitionForGroup, type RequestOf } from '@rivven/protocol'
import type { RebalanceStory } from '../../src/index.js'
import { adminScene } from './admin-scene.js'

const topic = '__rivven_rebalances'

/** A story that ended at this time; only what the reader looks at. */
function story(groupId: string, endedAt: number): Partial<RebalanceStory> {
  const phases = { joinMs: 1, syncMs: 1 }
  return {
    groupId,
    endedAt,
    startedAt: endedAt - 2,
    cause: 'member joined',
    phases,
    protocol: { elected: null, votes: {}, refused: [] },
  }
}

/** A log of three partitions of which one has these values, a batch each; Fetch answers with at most three batches. */
function logOf(entries: readonly { key: string; value: string; timestamp: number }[], begin = 0) {
  const scene = adminScene()
  scene.tiny.createTopic(topic, 3)
  const end = begin + entries.length
  scene.tiny.scripts.set(ListOffsets, ({ request }) => {
    const { topics } = request as RequestOf<typeof ListOffsets>
    const partitions = topics[0]!.partitions.map(({ partitionIndex, timestamp }) => {
      return { partitionIndex, offset: timestamp === -1 ? end : begin }
    })
    return { topics: [{ name: topic, partitions }] }
  })
  scene.tiny.scripts.set(Fetch, ({ request }) => {
    const { topics } = request as RequestOf<typeof Fetch>
    const { partition, fetchOffset } = topics[0]!.partitions[0]!
    const some = entries.slice(fetchOffset - begin, fetchOffset - begin + 3)
    const batches = some.map(({ key, value, timestamp }, index) =>
      buildBatch({
        baseOffset: fetchOffset + index,
        records: [{ key: Buffer.from(key), value: Buffer.from(value), timestamp }],
      }),
    )
    const records = Buffer.concat(batches)
    return { responses: [{ topic, partitions: [{ partitionIndex: partition, records, highWatermark: end }] }] }
  })
  return scene
}

function stored(groupId: string, endedAt: number) {
  return { key: groupId, value: JSON.stringify(story(groupId, endedAt)), timestamp: endedAt }
}

const ends = (stories: readonly RebalanceStory[]) => stories.map(({ endedAt }) => endedAt)

test('the newest stories of a group come, newest last, from the partition of the group', async () => {
  const all = Array.from({ length: 40 }, (_, at) => stored(at % 2 === 0 ? 'g' : 'other', 1000 + at))
  const { clock, tiny, admin } = logOf(all)
  assert.deepEqual(ends(await clock.until(admin.groupTimeline('g', { limit: 3 }))), [1034, 1036, 1038])
  const asked = tiny
    .requestsOf(Fetch)
    .map(({ request }) => (request as RequestOf<typeof Fetch>).topics[0]!.partitions[0]!)
  assert.ok(asked.every(({ partition }) => partition === partitionForGroup('g', 3)))
  assert.deepEqual(ends(await clock.until(admin.groupTimeline('g', { since: 1030 }))), [1030, 1032, 1034, 1036, 1038])
})

test('reading goes back only as far as it must', async () => {
  const all = Array.from({ length: 2000 }, (_, at) => stored('g', at))
  const { tiny, admin } = logOf(all, 100)
  assert.equal((await admin.groupTimeline('g', { limit: 1 })).length, 1)
  const first = (tiny.requestsOf(Fetch)[0]!.request as RequestOf<typeof Fetch>).topics[0]!.partitions[0]!.fetchOffset
  assert.equal(first, 2100 - 200)
  const many = await admin.groupTimeline('g', { limit: 900 })
  assert.deepEqual(
    ends(many),
    Array.from({ length: 900 }, (_, at) => 1100 + at),
  )
})

test('records that are no stories of the group are passed over', async () => {
  const value = JSON.stringify({ groupId: 'g' })
  const strange = ['{', '[]', 'null', value, JSON.stringify(story('other', 5))]
  const all = [...strange.map((value) => ({ key: 'g', value, timestamp: 5 })), stored('g', 7)]
  const { clock, admin } = logOf(all)
  assert.deepEqual(ends(await clock.until(admin.groupTimeline('g'))), [7])
})

test('a cluster without the topic is said to keep no record', async () => {
  const { clock, admin } = adminScene()
  const error = await clock.until(admin.groupTimeline('g').catch((error) => error))
  assert.equal(error.code, 'UNSUPPORTED_BY_BROKER')
  assert.match(error.message, /^No rebalance is recorded in this cluster\. Rivven records each/)
})
