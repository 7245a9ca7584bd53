// Nanoseconds per record for checking, reading and building record batches, the figures that hot-path files cite. Run by
// hand after `npm run build`: node bench/micro/records.mjs
import {
  BatchBuilder,
  batchBaseTimestamp,
  batchRecordCount,
  borrowedSection,
  buildBatch,
  checkSection,
  codecs,
  compress,
  crc32c,
  decompress,
  isBatchCrcRight,
  readBatchHeader,
  readRecords,
  recordSection,
} from '@rivven/protocol'
import { xxhash32 } from '../../packages/protocol/dist/src/records/compression/block-decoders.js'
import { readVarint, varintEnd, writeVarint, writeVarlong } from '../../packages/protocol/dist/src/records/varint.js'

const RECORDS = 1000
const ROUNDS = 7
const TIME = 1700000000000

function recordsOf(size) {
  const value = Buffer.alloc(size)
  for (let at = 0; at < size; at++) value[at] = at % 7 ? 97 + ((at * 31) % 26) : at * 131
  return Array.from({ length: RECORDS }, (_, index) => ({
    key: Buffer.from(`key-${index}`),
    value,
    timestamp: TIME + index,
  }))
}

/** The best of several rounds, in ns per unit. */
function measure(name, units, work) {
  let best = Infinity
  let kept = 0
  for (let round = 0; round < ROUNDS; round++) {
    const start = process.hrtime.bigint()
    let done = 0
    let elapsed = 0
    while (elapsed < 100e6) {
      for (let index = 0; index < 10; index++) kept += work()
      done += 10
      elapsed = Number(process.hrtime.bigint() - start)
    }
    best = Math.min(best, elapsed / done / units)
  }
  console.log(`${name.padEnd(44)}${best.toFixed(best < 100 ? 1 : 0).padStart(10)} ns${kept < 0 ? '!' : ''}`)
  return best
}

for (const size of [100, 1024]) {
  const records = recordsOf(size)
  const batch = buildBatch({ records })
  const section = recordSection(batch)
  console.log(`\n${RECORDS} records of ${size} bytes, ns per record`)
  measure('check', RECORDS, () => checkSection(section, batchRecordCount(batch), batchBaseTimestamp(batch)).count)
  measure('crc32c', RECORDS, () => (isBatchCrcRight(batch) ? 1 : 0))
  measure('read, untouched', RECORDS, () => {
    let count = 0
    for (const record of readRecords(batch)) count += record.offset & 1
    return count
  })
  measure('read, value', RECORDS, () => {
    let count = 0
    for (const record of readRecords(batch)) count += record.value.length
    return count
  })
  measure('read, key, value and headers', RECORDS, () => {
    let count = 0
    for (const record of readRecords(batch)) count += record.key.length + record.value.length + record.headers.length
    return count
  })
  measure('build', RECORDS, () => {
    const builder = new BatchBuilder()
    for (const record of records) builder.append(record)
    return builder.build().length
  })
}

// What the hot-path files did not become, to show what their ugliness buys.
console.log('\nalternatives, ns per record of 100 bytes; per varint')
const plain = recordsOf(100)
measure('build, a buffer for each record', RECORDS, () => {
  const parts = plain.map((record, index) => encodeAlone(record, index))
  return Buffer.concat(parts).length
})
const varints = Buffer.alloc(2000, Buffer.from([0x8e, 0x02]))
measure('varint, the end in a module variable', 1000, () => {
  let sum = 0
  for (let at = 0; at < varints.length; at = varintEnd) sum += readVarint(varints, at, varints.length)
  return sum
})
measure('varint, an object for value and end', 1000, () => {
  let sum = 0
  for (let at = 0; at < varints.length; ) {
    const read = readVarintObject(varints, at, varints.length)
    sum += read.value
    at = read.end
  }
  return sum
})

function encodeAlone({ key, value, timestamp }, index) {
  const body = Buffer.allocUnsafe(key.length + value.length + 32)
  let at = writeVarlong(body, timestamp - TIME, 1)
  body[0] = 0
  at = writeVarint(body, key.length, writeVarint(body, index, at))
  at = writeVarint(body, value.length, at + key.copy(body, at))
  at += value.copy(body, at)
  body[at++] = 0
  const length = Buffer.allocUnsafe(5)
  return Buffer.concat([length.subarray(0, writeVarint(length, at, 0)), body.subarray(0, at)])
}

function readVarintObject(bytes, at, end) {
  return { value: readVarint(bytes, at, end), end: varintEnd }
}

console.log('\nheaders, ns each')
const batch = buildBatch({ records: recordsOf(100) })
measure('one field', 1000, () => {
  let sum = 0
  for (let index = 0; index < 1000; index++) sum += batchRecordCount(batch, 0)
  return sum
})
measure('readBatchHeader', 1000, () => {
  let sum = 0
  for (let index = 0; index < 1000; index++) sum += readBatchHeader(batch).count
  return sum
})

console.log('\ncodecs, ns per byte of content (1 is 1 GB/s)')
const content = recordSection(buildBatch({ records: recordsOf(1024) }))
measure('crc32c', content.length, () => crc32c(content))
for (const codec of codecs.slice(1)) {
  const compressed = compress(codec, content)
  measure(`${codec}: compress to ${((compressed.length / content.length) * 100).toFixed(1)} %`, content.length, () => {
    return compress(codec, content).length
  })
  measure(`${codec}: decompress`, content.length, () => decompress(codec, compressed).length)
  const stored = buildBatch({ codec, records: recordsOf(1024) })
  measure(`${codec}: decompress, borrowed`, content.length, () => borrowedSection(stored).length)
}
measure('xxhash32', content.length, () => xxhash32(content))
