// Nanoseconds of CPU per record for looking at it before it is sent, beside what taking it into a batch costs. Run by hand
// after `npm run build`: node bench/micro/record-check.mjs
import { BatchBuilder } from '@rivven/protocol'
import { checkRecords } from '../../packages/client/dist/src/producer/record-check.js'

const COUNT = 1000
const ROUNDS = 3000

const kinds = {
  'key and value of text': (index) => ({ topic: 't', key: `key-${index}`, value: 'v'.repeat(100) }),
  'value of bytes': () => ({ topic: 't', value: Buffer.alloc(100) }),
  'key, value, header, timestamp': (index) => ({
    topic: 't',
    key: `key-${index}`,
    value: Buffer.alloc(100),
    headers: { trace: 'abc' },
    timestamp: 1_700_000_000_000 + index,
  }),
}

function cpuOf(work) {
  for (let round = 0; round < ROUNDS / 10; round++) work()
  const before = process.cpuUsage()
  for (let round = 0; round < ROUNDS; round++) work()
  const { user, system } = process.cpuUsage(before)
  return ((user + system) * 1000) / ROUNDS / COUNT
}

for (const [kind, make] of Object.entries(kinds)) {
  const records = Array.from({ length: COUNT }, (_, index) => make(index))
  const check = cpuOf(() => checkRecords(records))
  const write = cpuOf(() => {
    const builder = new BatchBuilder()
    for (const { key, value } of records) builder.append({ key, value, timestamp: 1_700_000_000_000 })
  })
  console.log(`${kind}: check ${check.toFixed(0)} ns, write into the batch ${write.toFixed(0)} ns`)
}
