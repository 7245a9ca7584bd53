import { setTimeout as pause } from 'node:timers/promises'
import { Admin, Consumer, Producer } from '@rivven/client'
import pg from 'pg'
import { until } from './work.mjs'

const TOPIC = 'followed'
const GROUPS = 3
const MEASURED_MS = 8_000
const EVERY_MS = 10
const AT_ONCE = 20
/** A backend of PostgreSQL tells what it has read ten seconds after it has become idle. */
const TOLD_AFTER_MS = 11_000

/** Three groups that keep up with what is written: how many rows of batches PostgreSQL read for them. */
export async function measureFollowers(place, server, schema) {
  const common = { bootstrapServers: place.bootstrapServers }
  const [admin, producer] = [new Admin(common), new Producer(common)]
  const groups = Array.from({ length: GROUPS }, (_, n) => ({
    consumer: new Consumer({ ...common, groupId: `followers-${n}`, autoOffsetReset: 'earliest' }),
    read: 0,
  }))
  const written = { count: 0 }
  const loops = []
  let isOver = false
  try {
    await admin.createTopics([{ name: TOPIC, partitions: 6 }])
    for (const group of groups) loops.push(follow(group, () => isOver))
    await until('groups to have partitions', () => groups.every(({ consumer }) => consumer.assignment().length === 6))
    loops.push(write(producer, written, () => isOver))
    await until('groups to keep up', () => written.count > 0 && groups.every(({ read }) => read > 0))
    await pause(TOLD_AFTER_MS)
    const [before, from] = [await rowsRead(server, schema), written.count]
    await pause(MEASURED_MS)
    const records = written.count - from
    isOver = true
    await Promise.all(loops)
    await pause(TOLD_AFTER_MS)
    return { test: 'cluster-followers', broker: place.label, rows: (await rowsRead(server, schema)) - before, records }
  } finally {
    isOver = true
    await Promise.all(loops)
    await Promise.all([admin, producer, ...groups.map(({ consumer }) => consumer)].map((client) => client.close()))
  }
}

async function follow(group, isOver) {
  await group.consumer.subscribe(TOPIC)
  while (!isOver()) group.read += (await group.consumer.poll(200)).length
}

async function write(producer, written, isOver) {
  while (!isOver()) {
    const records = Array.from({ length: AT_ONCE }, () => ({ topic: TOPIC, value: 'x'.repeat(1024) }))
    await Promise.all(records.map((record) => producer.send(record)))
    written.count += AT_ONCE
    await pause(EVERY_MS)
  }
}

/** Of the tables that hold batches; what appends read to be fenced is not among them. */
async function rowsRead(server, schema) {
  const client = new pg.Client(server.url)
  await client.connect()
  try {
    const { rows } = await client.query(
      `select coalesce(sum(seq_tup_read + coalesce(idx_tup_fetch, 0)), 0)::int as read from pg_stat_user_tables
      where schemaname = $1 and relname like 'batch\\_%'`,
      [schema],
    )
    return rows[0].read
  } finally {
    await client.end()
  }
}
