import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { Producer } from '@rivven/client'
import { startRivven } from '@rivven/testing'
import { type Ran, rivvenctl } from './rivvenctl.js'

const records = 60

/** A stored topic with several segments, of which one byte of the third batch was changed while the broker was away. */
async function damagedTopic(byte: number) {
  const dataDir = await mkdtemp(join(tmpdir(), 'rivven-cli-damage-'))
  const config = { log_segment_bytes: 1024 * 1024 }
  const first = await startRivven({ dataDir, config })
  const producer = new Producer({ bootstrapServers: first.bootstrapServers, idempotent: false })
  for (let at = 0; at < records; at += 10) {
    const values = Array.from({ length: 10 }, (_, index) => `${at + index} ${'x'.repeat(50_000)}`)
    await producer.sendMany(values.map((value) => ({ topic: 't', partition: 0, value })))
  }
  await producer.close()
  await first.close()
  const offset = await flip(dataDir, byte)
  const rivven = await startRivven({ dataDir, config })
  return {
    /** Of the first record of the damaged batch. */
    offset,
    run: (line: string) => rivvenctl(['-b', rivven.bootstrapServers, ...line.split(' ')]),
    async [Symbol.asyncDispose]() {
      await rivven.close()
      await rm(dataDir, { recursive: true })
    },
  }
}

/** Changes a byte of the third batch in the first segment; returns where it begins. */
async function flip(dataDir: string, byte: number): Promise<number> {
  const folders = await readdir(join(dataDir, 'partitions'))
  const path = join(dataDir, 'partitions', folders.find((name) => name.startsWith('t-0'))!, `${'0'.repeat(20)}.log`)
  const bytes = await readFile(path)
  let at = 0
  for (let batch = 0; batch < 2; batch++) at += 12 + bytes.readInt32BE(at + 8)
  const offset = Number(bytes.readBigInt64BE(at))
  bytes[at + byte]! ^= 1
  await writeFile(path, bytes)
  return offset
}

const numbersIn = ({ out }: Ran) =>
  out
    .split('\n')
    .filter(Boolean)
    .map((line) => Number(line.split(' ')[0]))

for (const [what, byte] of [
  ['a record', 70],
  ['the length of a batch', 9],
  ['the magic of a batch', 16],
] as const) {
  test(`a read that meets damage in ${what} ends with status 1 and says how to go past it`, async () => {
    await using damaged = await damagedTopic(byte)
    const ran = await damaged.run('consume t --from-beginning --timeout 500')
    assert.equal(ran.status, 1, ran.words)
    assert.match(ran.words, /^rivvenctl: .*t\/0.* To go past it: `rivvenctl consume t --partition 0 --offset \S+`/)
    assert.equal(ran.words.trimEnd().split('\n').length, 1)
    assert.deepEqual(
      numbersIn(ran),
      Array.from({ length: damaged.offset }, (_, at) => at),
      'what stands before it was read',
    )

    const onward = await damaged.run('consume t --partition 0 --offset 50 --timeout 500')
    assert.deepEqual([onward.status, numbersIn(onward).at(-1)], [0, records - 1], onward.words)
    const member = await damaged.run('consume t --group g --from-beginning --timeout 500')
    assert.equal(member.status, 1)
    assert.match(member.words, /`rivvenctl group reset-offsets g --topic t:0 --to-offset \S+`/)
  })
}
