import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import {
  buildBatch,
  CreateAcls,
  CreateTopics,
  DeleteAcls,
  decodeResponse,
  encodeRequest,
  Fetch,
  Metadata,
  Produce,
  SaslAuthenticate,
  SaslHandshake,
} from '@rivven/protocol'
import { GuardedBroker } from '../conversations/guarded-broker.js'
import { passwordOf } from '../support/passwords.js'
import { RawConnection } from '../support/raw-connection.js'

// Rights that change while a request is under way: an answer says what may be said when it is given (security.md §18, 1).
let broker: GuardedBroker
let admin: RawConnection
before(async () => {
  broker = await GuardedBroker.start({})
  admin = await RawConnection.open(broker.port)
  await admin.call(SaslHandshake, 1, { mechanism: 'PLAIN' })
  const authBytes = Buffer.from(`\0admin\0${passwordOf('admin')}`)
  assert.equal((await admin.call(SaslAuthenticate, 2, { authBytes })).errorCode, 0)
})
after(async () => {
  admin.destroy()
  await broker.close()
})

const forAnonymous = { principal: 'User:ANONYMOUS', host: '*' }
const [TOPIC, LITERAL, READ, ALLOW] = [2, 3, 3, 3]

async function allowReading(resourceName: string): Promise<void> {
  const acl = {
    resourceType: TOPIC,
    resourceName,
    resourcePatternType: LITERAL,
    operation: READ,
    permissionType: ALLOW,
  }
  await admin.call(CreateAcls, 3, { creations: [{ ...acl, ...forAnonymous }] })
}

async function forbidReading(resourceNameFilter: string): Promise<void> {
  const kinds = { resourceTypeFilter: TOPIC, patternTypeFilter: LITERAL, operation: READ, permissionType: ALLOW }
  const who = { principalFilter: null, hostFilter: null }
  const { filterResults } = await admin.call(DeleteAcls, 3, { filters: [{ resourceNameFilter, ...kinds, ...who }] })
  assert.equal(filterResults[0]?.matchingAcls.length, 1)
}

async function topic(name: string): Promise<void> {
  const counts = { numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] }
  await admin.call(CreateTopics, 7, { topics: [{ name, ...counts }], timeoutMs: 10_000 })
}

async function produce(name: string): Promise<void> {
  const records = buildBatch({ records: [{ value: Buffer.from('secret'), timestamp: Date.now() }] })
  const topicData = [{ name, partitionData: [{ index: 0, records }] }]
  await admin.call(Produce, 9, { acks: -1, timeoutMs: 10_000, topicData })
}

/** Asks for what comes next, with a long wait, and does not wait for the answer. */
function fetchAhead(connection: RawConnection, name: string, session = { sessionId: 0, sessionEpoch: -1 }): void {
  const partitions = [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1_000_000 }]
  const limits = { replicaId: -1, maxWaitMs: 60_000, minBytes: 1, maxBytes: 1_000_000 }
  const request = { ...limits, ...session, topics: [{ topic: name, partitions }] }
  connection.send(
    Buffer.concat(encodeRequest(Fetch, 11, { correlationId: 1, clientId: 'c' }, request).map(Buffer.from)),
  )
}

async function answerTo(connection: RawConnection) {
  const { responses } = decodeResponse(Fetch, 11, await connection.nextFrame()).message
  const partition = responses[0]?.partitions[0]
  return { errorCode: partition?.errorCode, bytes: partition?.records?.length ?? 0 }
}

test('a fetch that waits is answered without records once its client may not read them any more', async () => {
  await topic('taken')
  await allowReading('taken')
  const reader = await RawConnection.open(broker.plain.port)
  fetchAhead(reader, 'taken')
  // What came earlier is read earlier: when this is answered, the fetch waits.
  const beside = await RawConnection.open(broker.plain.port)
  await beside.call(Metadata, 9, { topics: [] })
  await forbidReading('taken')
  await produce('taken')
  assert.deepEqual(await answerTo(reader), { errorCode: 29, bytes: 0 })
  await allowReading('taken')
  fetchAhead(reader, 'taken')
  const { errorCode, bytes } = await answerTo(reader)
  assert.equal(errorCode, 0)
  assert.ok(bytes > 0)
  reader.destroy()
  beside.destroy()
})

test('a right that is given counts for the very next request', async () => {
  await topic('given')
  await produce('given')
  const reader = await RawConnection.open(broker.plain.port)
  fetchAhead(reader, 'given')
  assert.equal((await answerTo(reader)).errorCode, 29)
  await allowReading('given')
  fetchAhead(reader, 'given')
  assert.equal((await answerTo(reader)).errorCode, 0)
  reader.destroy()
})
