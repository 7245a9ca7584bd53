import { crc32 } from 'node:zlib'
import { RivvenError } from '@rivven/client'
import {
  AbortedFilter,
  BATCH_HEADER_SIZE,
  batchBaseOffset,
  batchesOf,
  batchLastOffset,
  batchMagic,
  batchProducerId,
  buildBatch,
  type Codec,
  codecs,
  compress,
  controlRecordOf,
  crc32c,
  decompress,
  isBatchCrcRight,
  RecordsError,
  readLegacySet,
  readRecords,
} from '@rivven/protocol'
import { Finding, mustEqual, type Target } from '../harness/target.js'
import { inside } from '../inside.js'
import { vectorFiles } from './vectors.js'

type ValidateBatch = typeof import('../../../packages/broker/dist/src/log/append/validate-batch.js')
type TopicConfigs = typeof import('../../../packages/broker/dist/src/config/topic-configs.js')
type BrokerConfigs = typeof import('../../../packages/broker/dist/src/config/broker-config.js')
type Chunks = typeof import('../../../packages/client/dist/src/consumer/fetch/fetched-chunk.js')

/** What compressed records may hold here: little, so that the limit is met. */
const MOST_BYTES = 1024 * 1024
/** That, once for what is decompressed and once for the copy; and the window of zstd. */
const mayAllocate = (input: Buffer): number => input.length * 8 + 3 * MOST_BYTES + 8 * 1024 * 1024

interface Vectors {
  readonly cases: readonly { readonly base64: string }[]
}

function recorded(): Map<string, Buffer[]> {
  return new Map(
    vectorFiles<Vectors>('protocol/vectors/records').map(([name, { cases }]) => [
      name,
      (cases ?? []).map(({ base64 }) => Buffer.from(base64 ?? '', 'base64')).filter((bytes) => bytes.length < 8192),
    ]),
  )
}

/** Length and CRC of the first batch as its bytes are, so that records are looked at. */
function sealed(batch: Buffer): Buffer {
  if (batch.length < BATCH_HEADER_SIZE) return batch
  batch.writeInt32BE(batch.length - 12, 8)
  batch.writeUInt32BE(crc32c(batch.subarray(21)), 17)
  return batch
}

function sealedMessage(message: Buffer): Buffer {
  if (message.length < 26) return message
  message.writeInt32BE(message.length - 12, 8)
  message.writeUInt32BE(crc32(message.subarray(16)), 12)
  return message
}

/** Key, value and headers, all touched. */
function mustBeReadable(batch: Buffer): number {
  let count = 0
  for (const { key, value, headers, offset } of readRecords(batch, { maxBytes: MOST_BYTES })) {
    if (!Number.isFinite(offset)) throw new Finding(`a record at offset ${offset}`)
    count += 1 + (key?.length ?? 0) * 0 + (value?.length ?? 0) * 0 + headers.length * 0
  }
  return count
}

export async function recordTargets(): Promise<Target[]> {
  const vectors = recorded()
  const of = (...names: string[]) => names.flatMap((name) => vectors.get(name) ?? [])
  const batches = of('none', 'gzip', 'snappy', 'lz4', 'zstd', 'runs', 'control', 'compacted', 'appended')
  return [
    {
      name: 'records/batches one after the other',
      seeds: [...batches, Buffer.concat(batches.slice(0, 3))],
      mend: sealed,
      refusals: [RecordsError],
      mayAllocate,
      run: (input) => {
        for (const batch of batchesOf(input)) {
          if (isBatchCrcRight(batch)) mustBeReadable(batch)
          controlRecordOf(batch)
        }
        return true
      },
    },
    {
      name: 'records/messages of magic 0 and 1',
      seeds: of('legacy'),
      mend: sealedMessage,
      refusals: [RecordsError],
      mayAllocate,
      run: (input) => readLegacySet(input, { maxBytes: MOST_BYTES }).length > 0,
    },
    ...codecs.filter((codec) => codec !== 'none').map((codec) => codecTarget(codec, batches)),
    ...(await produceTargets(batches, of('foreign', 'damaged', 'legacy'))),
    await consumeTarget([...batches, ...of('legacy', 'foreign')]),
  ]
}

/** What is compressed, without a batch around it. */
function codecTarget(codec: Codec, batches: readonly Buffer[]): Target {
  const plain = batches.map((batch) => batch.subarray(BATCH_HEADER_SIZE)).concat(Buffer.alloc(70_000, 'rivven'))
  return {
    name: `records/${codec}`,
    seeds: plain.map((section) => compress(codec, section)),
    refusals: [RecordsError],
    mayAllocate,
    run: (input) => {
      const content = decompress(codec, input, MOST_BYTES)
      if (content.length > MOST_BYTES) throw new Finding(`${content.length} bytes where ${MOST_BYTES} are allowed`)
      return () => mustEqual(decompress(codec, compress(codec, content), MOST_BYTES), content, 'compressed again')
    },
  }
}

/** What the broker does with a batch of a Produce request, for topics of several kinds. */
async function produceTargets(batches: readonly Buffer[], others: readonly Buffer[]): Promise<Target[]> {
  const { validateProducedBatch } = await inside<ValidateBatch>('broker/src/log/append/validate-batch.js')
  const { topicLogConfig } = await inside<TopicConfigs>('broker/src/config/topic-configs.js')
  const { brokerConfig } = await inside<BrokerConfigs>('broker/src/config/broker-config.js')
  const kinds: [string, [string, string][]][] = [
    ['as they come', [['message.timestamp.after.max.ms', '9007199254740991']]],
    [
      'with the time of the append',
      [
        ['message.timestamp.type', 'LogAppendTime'],
        ['cleanup.policy', 'compact'],
      ],
    ],
    [
      'in lz4',
      [
        ['compression.type', 'lz4'],
        ['message.timestamp.after.max.ms', '9007199254740991'],
      ],
    ],
  ]
  return kinds.map(([kind, own]) => {
    const config = topicLogConfig(new Map(own), brokerConfig())
    return {
      name: `records/produced ${kind}`,
      seeds: [...batches, ...others, buildBatch({ records: [{ value: 'v', timestamp: 1 }] })],
      mend: sealed,
      refusals: [],
      mayAllocate,
      run: (input) => {
        const options = { config, produceVersion: 12, now: 1_700_000_001_000, maxDecompressedBytes: MOST_BYTES }
        const result = validateProducedBatch(input, options)
        if (result.kind !== 'accepted') return false
        return () => mustBeStorable(result.batch)
      },
    }
  })
}

/** What was accepted is what a consumer reads later: there is nobody left to refuse it. */
function mustBeStorable(batch: Buffer): void {
  if (batchMagic(batch) !== 2 || !isBatchCrcRight(batch)) throw new Finding('an accepted batch has no right checksum')
  if (mustBeReadable(batch) === 0) throw new Finding('an accepted batch has no records')
  if (batchLastOffset(batch) < batchBaseOffset(batch)) throw new Finding('an accepted batch has no offsets')
  if (batchProducerId(batch) < -1) throw new Finding('an accepted batch has a producer id below -1')
}

async function consumeTarget(seeds: readonly Buffer[]): Promise<Target> {
  const { FetchedChunk } = await inside<Chunks>('client/src/consumer/fetch/fetched-chunk.js')
  return {
    name: 'records/fetched',
    seeds: [...seeds, Buffer.concat(seeds.slice(0, 4))],
    mend: sealed,
    refusals: [RivvenError, RecordsError],
    // The consumer's limit is that of the protocol.
    mayAllocate: (input) => mayAllocate(input) + 128 * 1024 * 1024,
    mayTakeMs: 500,
    run: (input) => {
      const aborted = new AbortedFilter([{ producerId: 1000, firstOffset: 0 }])
      const chunk = new FetchedChunk({
        topic: 't',
        partition: 0,
        records: input,
        position: { offset: 0, leaderEpoch: -1 },
        aborted,
      })
      const taken: { value: unknown; headers: unknown }[] = []
      for (let round = 0; !chunk.isDone; round++) {
        if (round > input.length) throw new Finding('it takes and takes, and comes to no end')
        chunk.take(100, taken as never)
      }
      for (const record of taken)
        if (record.value === undefined || record.headers === undefined) throw new Finding('no value')
      return true
    },
  }
}
