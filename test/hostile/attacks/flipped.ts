import {
  type Api,
  allApis,
  encodeRequest,
  Fetch,
  JoinGroup,
  Metadata,
  OffsetCommit,
  OffsetFetch,
  Produce,
} from '@rivven/protocol'
import type { Chance } from '../../fuzz/harness/chance.js'
import { smallBatch } from '../../malformed/inputs/batches.js'
import { join } from '../../malformed/inputs/requests.js'
import type { Attack } from '../attackers/attack.js'

/** How long an answer is waited for: a changed request may be one that waits. */
const PATIENCE_MS = 2_000

/** What the APIs with most to decode are asked for; others have what a message has by default. */
const told = new Map<Api, object>([
  [Metadata, { topics: [{ name: 'there' }], allowAutoTopicCreation: false }],
  [Fetch, { maxWaitMs: 100, topics: [{ topic: 'there', partitions: [{ partition: 0, partitionMaxBytes: 1_000 }] }] }],
  [JoinGroup, { ...join, groupId: 'hostile-flipped' }],
  [OffsetCommit, { groupId: 'hostile-flipped', topics: [{ name: 'there', partitions: [{ committedOffset: 1 }] }] }],
  [OffsetFetch, { groupId: 'hostile-flipped', topics: [{ name: 'there', partitionIndexes: [0] }] }],
])

function validFrame(chance: Chance): Buffer {
  const api = chance.pick(allApis)
  const version = api.versions.min + chance.below(api.versions.max - api.versions.min + 1)
  const records = api === Produce ? produced() : {}
  const request = { ...told.get(api), ...records }
  return Buffer.concat(encodeRequest(api, version, { correlationId: 1, clientId: 'flipped' }, request))
}

function produced(): object {
  return {
    acks: 1,
    timeoutMs: 1_000,
    topicData: [{ name: 'there', partitionData: [{ index: 0, records: smallBatch() }] }],
  }
}

/** One byte is another, is missing, or is there twice; the frame's length may fit or not. */
function changed(frame: Buffer, chance: Chance): Buffer {
  const at = 4 + chance.below(frame.length - 4)
  const kind = chance.below(3)
  if (kind === 0) {
    const flipped = Buffer.from(frame)
    flipped[at]! ^= 1 << chance.below(8)
    return flipped
  }
  const body =
    kind === 1 ? [frame.subarray(4, at), frame.subarray(at + 1)] : [frame.subarray(4, at + 1), frame.subarray(at)]
  const cut = Buffer.concat([frame.subarray(0, 4), ...body])
  if (chance.below(2) === 0) cut.writeInt32BE(cut.length - 4)
  return cut
}

export const flippedAttacks: readonly Attack[] = [
  {
    row: '42',
    name: 'a request of any version with a byte changed',
    weight: 20,
    async run(target) {
      const connection = await target.open()
      connection.send(changed(validFrame(target.chance), target.chance))
      const answered = connection.nextFrame(PATIENCE_MS).then(
        () => 'answered',
        (error: Error) => (error.message.startsWith('no ') ? 'waits' : 'closed'),
      )
      target.saw(await answered)
    },
  },
]
