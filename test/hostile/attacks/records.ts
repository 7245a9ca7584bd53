import { EndTxn, Fetch, InitProducerId, Produce, type RequestOf, type ResponseOf } from '@rivven/protocol'
import { badBatches, bombs, smallBatch } from '../../malformed/inputs/batches.js'
import type { Attack } from '../attackers/attack.js'
import type { Target } from '../attackers/target.js'

function produceOf(records: Buffer, { acks = -1, index = 0 } = {}): RequestOf<typeof Produce> {
  const topicData = [{ name: 'there', partitionData: [{ index, records }] }]
  return { transactionalId: null, acks, timeoutMs: 5_000, topicData } as RequestOf<typeof Produce>
}

const codeOf = ({ responses }: ResponseOf<typeof Produce>) => responses[0]?.partitionResponses[0]?.errorCode

const batches = badBatches.map(
  ([row, what, bytes, codes]): Attack => ({
    row: String(row),
    name: `a batch with ${what}`,
    async run(target) {
      target.expect(codeOf(await target.ask(Produce, 8, produceOf(bytes()))), codes, what)
    },
  }),
)

const made = new Map<string, Buffer>()

const bombAttacks = Object.entries(bombs).map(
  ([codec, make]): Attack => ({
    row: '27',
    name: `a batch that yields far too much, codec ${codec}`,
    everyMs: 3_000,
    async run(target) {
      const bomb = made.get(codec) ?? make()
      made.set(codec, bomb)
      target.expect(codeOf(await target.ask(Produce, 8, produceOf(bomb))), [2, 10, 87], 'Produce')
    },
  }),
)

const fetchOf = (fetchOffset: number, fields: object = {}) => ({
  ...{ replicaId: -1, maxWaitMs: 0, minBytes: 1, ...fields },
  topics: [{ topic: 'there', partitions: [{ partition: 1, fetchOffset, partitionMaxBytes: 1_000 }] }],
})

async function fetchCode(target: Target, fetchOffset: number): Promise<number | undefined> {
  return (await target.ask(Fetch, 11, fetchOf(fetchOffset))).responses[0]?.partitions[0]?.errorCode
}

/** Whoever only waits comes with so many connections. */
const SITTERS = 20

const others: Attack[] = [
  {
    row: '29',
    name: 'acks 2, and an error with acks 0',
    async run(target) {
      target.expect(codeOf(await target.ask(Produce, 8, produceOf(smallBatch(), { acks: 2 }))), [21], 'acks 2')
      const silent = await target.open()
      silent.call(Produce, 8, produceOf(smallBatch(), { acks: 0, index: 99 })).catch(() => undefined)
      await target.expectClosed(silent, 'acks 0')
    },
  },
  {
    row: '30',
    name: 'sequences with a gap, and a transaction that is none',
    async run(target) {
      const connection = await target.open()
      const { producerId } = await connection.call(InitProducerId, 4, {
        transactionalId: null,
        transactionTimeoutMs: 60_000,
      })
      const send = async (baseSequence: number, more = {}) =>
        codeOf(
          await connection.call(
            Produce,
            8,
            produceOf(smallBatch({ producerId, producerEpoch: 0, baseSequence, ...more })),
          ),
        )
      target.expect(await send(0), [0], 'the first batch')
      target.expect(await send(0), [0], 'the same again')
      target.expect(await send(5), [45], 'a gap')
      target.expect(await send(1, { isTransactional: true }), [48, 42, 47, 49, 53], 'no transaction')
    },
  },
  {
    row: '31',
    name: 'Fetch from where nothing is, and of no session',
    async run(target) {
      target.expect(await fetchCode(target, 1e12), [1], 'past the end')
      target.expect(await fetchCode(target, -5), [1], 'before the start')
      const lost = await target.ask(Fetch, 11, fetchOf(0, { sessionId: 12_345, sessionEpoch: 3 }))
      target.expect(lost.errorCode, [70], 'an unknown session')
    },
  },
  {
    row: '32',
    name: 'fetches that wait for ever, then their clients leave',
    connections: SITTERS,
    weight: 2,
    async run(target) {
      const waits = { maxWaitMs: 0x7fffffff, minBytes: 0x7fffffff }
      for (const connection of await target.openMany(SITTERS)) {
        connection.call(Fetch, 11, fetchOf(0, waits)).catch(() => undefined)
      }
      await target.pause(5_000 + target.chance.below(25_000))
      target.saw('left')
    },
  },
  {
    row: '33',
    name: 'InitProducerId that does not fit',
    async run(target) {
      const asked = { transactionTimeoutMs: 60_000, producerId: -1, producerEpoch: -1 }
      const init = async (fields: object) =>
        (await target.ask(InitProducerId, 4, { ...asked, transactionalId: 'hostile-33', ...fields })).errorCode
      target.expect(await init({ transactionalId: '' }), [42], 'an empty id')
      target.expect(await init({ transactionTimeoutMs: target.chance.pick([0, 900_001]) }), [50], 'a timeout')
    },
  },
  {
    row: '34',
    name: 'EndTxn of nobody',
    async run(target) {
      const nobody = {
        transactionalId: `hostile-none-${target.chance.below(1000)}`,
        producerId: 77,
        producerEpoch: 3,
        committed: true,
      }
      target.expect((await target.ask(EndTxn, 3, nobody)).errorCode, [49], 'EndTxn')
    },
  },
]

export const recordAttacks: readonly Attack[] = [...batches, ...bombAttacks, ...others]
