import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import { Consumer as PlatformaticConsumer } from '@platformatic/kafka'
import kafkajs from 'kafkajs'
import { eventually } from '../support/eventually.js'
import { Gate, group, mustBeReadAgain, recordCount, type Seen, scene, type TestMember, topic } from './scene.js'

const { Kafka, logLevel } = kafkajs
const times = { sessionTimeout: 10_000, heartbeatInterval: 200, rebalanceTimeout: 10_000 }

/** `errors`: what it logs as an error. */
function kafkajsMember(errors: string[]) {
  return (name: string, address: string, seen: Seen): TestMember => {
    const logCreator = () => (entry: { log: { message: string; error?: string } }) => {
      errors.push(`${entry.log.message}: ${entry.log.error}`)
    }
    const ways = { clientId: name, brokers: [address], retry: { initialRetryTime: 50 } }
    const kafka = new Kafka({ ...ways, logLevel: logLevel.ERROR, logCreator })
    const consumer = kafka.consumer({ groupId: group, maxWaitTimeInMs: 200, ...times })
    const gate = new Gate()
    const started = (async () => {
      await consumer.connect()
      await consumer.subscribe({ topic, fromBeginning: true })
      await consumer.run({
        autoCommitThreshold: 1,
        eachMessage: async ({ partition, message }) => {
          seen.add(partition, Number(message.offset))
          await gate.pass()
        },
      })
    })()
    return { hold: () => gate.hold(), close: () => started.then(() => consumer.disconnect()) }
  }
}

function platformaticMember(name: string, address: string, seen: Seen): TestMember {
  const consumer = new PlatformaticConsumer({ clientId: name, groupId: group, bootstrapBrokers: [address], ...times })
  const reading = (async () => {
    const ways = { mode: 'committed', fallbackMode: 'earliest', autocommit: 100, maxWaitTime: 200 } as const
    const stream = await consumer.consume({ topics: [topic], ...ways })
    stream.on('data', ({ partition, offset }) => seen.add(partition, Number(offset)))
    stream.on('error', () => stream.destroy())
    return stream
  })()
  const noGate = (): never => {
    throw new Error('it has no handler that could be held')
  }
  return {
    hold: noGate,
    async close() {
      await (await reading).close()
      await consumer.close(true)
    },
  }
}

const start = {
  kafkajs: kafkajsMember([]),
  '@platformatic/kafka': platformaticMember,
}

async function mustBeJoining({ admin }: Pick<Awaited<ReturnType<typeof scene>>, 'admin'>): Promise<void> {
  await eventually(async () => {
    const [found] = await admin.describeGroups([group])
    assert.equal(found?.state, 'PreparingRebalance')
  })
}

describe('live reset under clients of others', { concurrency: true }, () => {
  for (const [client, member] of Object.entries(start)) {
    test(`${client}, idle: its members hand over, and read all from the target on`, async (t) => {
      const { admin, seen, reset } = await scene(t, member)
      assert.equal((await reset(10_000)).mode, 'handed over')
      await mustBeReadAgain(admin, seen)
    })

    test(`${client}, put out: its members join anew, and read all from the target on`, async (t: TestContext) => {
      const { admin, seen, reset } = await scene(t, member)
      assert.equal((await reset(0)).mode, 'fenced')
      await mustBeReadAgain(admin, seen)
    })
  }

  test('kafkajs, in the middle of a handler: what it has done is committed first, and nothing else goes wrong', async (t) => {
    const errors: string[] = []
    const found = await scene(t, kafkajsMember(errors))
    const { admin, seen, members, produce, reset } = found
    const holds = members.map((member) => member.hold())
    await produce(1)
    await Promise.all(holds.map(({ begun }) => begun))
    const answer = reset(10_000)
    await mustBeJoining(found)
    for (const { letGo } of holds) letGo()
    const { mode, changes } = await answer
    assert.equal(mode, 'handed over')
    const old = changes.map(({ oldOffset }) => oldOffset ?? 0)
    assert.ok(old.filter((offset) => offset === recordCount + 1).length >= 2, `commits were taken: ${old}`)
    await mustBeReadAgain(admin, seen, recordCount + 1)
    for (const error of errors) assert.match(error, /rebalanc/i)
  })
})
