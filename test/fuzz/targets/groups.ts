import {
  decodeAssignment,
  decodeCooperativeUserData,
  decodeEvent,
  decodeStickyUserData,
  decodeSubscription,
  encodeAssignment,
  encodeEvent,
  encodeStickyUserData,
  encodeSubscription,
  subscribedTopics,
} from '@rivven/groups'
import { DecodeError } from '@rivven/protocol'
import { mustEqual, type Target } from '../harness/target.js'
import { inside } from '../inside.js'
import { vectorFile } from './vectors.js'

type Transactions = typeof import('../../../packages/transactions/dist/src/index.js')

interface ConsumerVectors {
  readonly subscriptions: readonly { base64: string }[]
  readonly assignments: readonly { base64: string }[]
  readonly userData: readonly { base64: string | null }[]
}

interface RecordVectors {
  readonly written: readonly { key: string; value: string | null }[]
}

const bytesOf = (list: readonly { base64: string | null }[]) =>
  list.flatMap(({ base64 }) => (base64 === null ? [] : [Buffer.from(base64, 'base64')]))

/** What members say to each other, and what coordinators keep in their topics. */
export async function groupTargets(): Promise<Target[]> {
  const consumer = vectorFile<ConsumerVectors>('groups/vectors/consumer-protocol.json')
  const transactions = await inside<Transactions>('transactions/src/index.js')
  return [
    {
      name: 'members/subscription',
      seeds: bytesOf(consumer.subscriptions),
      refusals: [DecodeError],
      run: (input) => {
        subscribedTopics(input)
        const written = encodeSubscription(decodeSubscription(input))
        return () => mustEqual(encodeSubscription(decodeSubscription(written)), written, 'written again')
      },
    },
    {
      name: 'members/assignment',
      seeds: bytesOf(consumer.assignments),
      refusals: [DecodeError],
      run: (input) => {
        const written = encodeAssignment(decodeAssignment(input))
        return () => mustEqual(encodeAssignment(decodeAssignment(written)), written, 'written again')
      },
    },
    {
      name: 'members/user data of assignors',
      seeds: bytesOf(consumer.userData),
      refusals: [],
      run: (input) => {
        decodeCooperativeUserData(input)
        const written = encodeStickyUserData(decodeStickyUserData(input))
        return () => mustEqual(encodeStickyUserData(decodeStickyUserData(written)), written, 'written again')
      },
    },
    eventTarget('coordinators/records of groups', 'groups/vectors/coordinator-records.json', decodeEvent, encodeEvent),
    eventTarget(
      'coordinators/records of transactions',
      'transactions/vectors/transaction-records.json',
      transactions.decodeEvent,
      transactions.encodeEvent,
    ),
  ]
}

interface EncodedRecord {
  readonly key: Buffer
  readonly value: Buffer | null
}

/** Key and value with the key's length in front; a length of 2^16 - 1: the value is a tombstone. */
function eventTarget<Event>(
  name: string,
  vectors: string,
  decode: (key: Buffer, value: Buffer | null) => Event | null,
  encode: (event: Event) => EncodedRecord,
): Target {
  const { written } = vectorFile<RecordVectors>(vectors)
  return {
    name,
    seeds: written.map(({ key, value }) =>
      joined(Buffer.from(key, 'base64'), value === null ? null : Buffer.from(value, 'base64')),
    ),
    refusals: [DecodeError],
    run: (input) => {
      const [key, value] = parted(input)
      const event = decode(key, value)
      if (event === null) return false
      return () => {
        const first = encode(event)
        const again = decode(first.key, first.value)
        if (again !== null) mustEqual(joinedRecord(encode(again)), joinedRecord(first), 'written again')
      }
    },
  }
}

const joinedRecord = ({ key, value }: EncodedRecord) => joined(key, value)

function joined(key: Buffer, value: Buffer | null): Buffer {
  return Buffer.concat([
    Buffer.from([key.length >> 8, key.length & 255, value === null ? 1 : 0]),
    key,
    value ?? Buffer.alloc(0),
  ])
}

function parted(input: Buffer): [Buffer, Buffer | null] {
  if (input.length < 3) return [input, null]
  const end = 3 + input.readUInt16BE(0)
  return [input.subarray(3, end), input[2]! & 1 ? null : input.subarray(end)]
}
