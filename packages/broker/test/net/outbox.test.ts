import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import type { LaterBytes } from '@rivven/protocol'
import { Outbox } from '../../src/net/outbox.js'
import { readBuffers } from '../../src/read-buffers.js'
import { FakeStream } from './fake-stream.js'

const MIB = 1024 * 1024

/** A stream whose peer takes what was written when the test says so. */
class SlowStream extends FakeStream {
  readonly #untaken: { bytes: number; taken: (() => void) | undefined }[] = []

  override write(chunks: readonly Uint8Array[], taken?: () => void): void {
    super.write(chunks)
    const bytes = chunks.reduce((sum, chunk) => sum + chunk.length, 0)
    this.buffered += bytes
    this.#untaken.push({ bytes, taken })
  }

  /** The peer reads all that was written so far; the turn that follows is over. */
  async take(): Promise<void> {
    for (const { bytes, taken } of this.#untaken.splice(0)) {
      this.buffered -= bytes
      taken?.()
    }
    await setImmediate()
  }
}

/** Bytes 0, 1, 2 … that are read when they are sent. */
class CountingBytes implements LaterBytes {
  isReleased = false
  reads = 0
  constructor(
    readonly length: number,
    readonly error?: Error,
  ) {}

  async read(position: number, target: Uint8Array): Promise<void> {
    assert.ok(!this.isReleased)
    this.reads += 1
    await setImmediate()
    if (this.error) throw this.error
    for (let at = 0; at < target.length; at++) target[at] = position + at
  }

  release(): void {
    assert.ok(!this.isReleased)
    this.isReleased = true
  }
}

function outboxOn(stream: FakeStream) {
  const seen = { sent: 0, progressed: 0, failed: [] as string[] }
  const outbox = new Outbox(stream, {
    progressed: () => void seen.progressed++,
    failed: (error) => void seen.failed.push(error.message),
    sent: (bytes) => {
      seen.sent += bytes
    },
  })
  return { outbox, seen }
}

test('bytes that are read later leave in their place, before what was added after them', async () => {
  const stream = new SlowStream()
  const { outbox, seen } = outboxOn(stream)
  const later = new CountingBytes(3 * MIB)
  outbox.add([Buffer.from('head'), later, Buffer.from('tail')])
  outbox.add([Buffer.from('next')])
  await setImmediate()
  while (outbox.unsent > 0) await stream.take()
  const all = Buffer.concat(stream.written)
  assert.equal(all.length, 12 + 3 * MIB)
  assert.equal(all.toString('latin1', 0, 4), 'head')
  for (let at = 0; at < 3 * MIB; at += 65_521) assert.equal(all[4 + at], at & 0xff)
  assert.equal(all.toString('latin1', 4 + 3 * MIB), 'tailnext')
  assert.ok(later.isReleased && outbox.isEmpty)
  assert.deepEqual([seen.sent, outbox.unsent, seen.failed], [all.length, 0, []])
  assert.ok(seen.progressed > 0)
})

test('of an answer of 50 MB no more than 1.5 MiB is in memory, however slowly its peer reads', async () => {
  const stream = new SlowStream()
  const { outbox } = outboxOn(stream)
  outbox.add([new CountingBytes(50 * MIB)])
  await setImmediate()
  let mostBuffered = 0
  while (outbox.unsent > 0) {
    mostBuffered = Math.max(mostBuffered, stream.buffered)
    await stream.take()
  }
  assert.equal(Buffer.concat(stream.written).length, 50 * MIB)
  assert.ok(mostBuffered > 0 && mostBuffered <= 1.5 * MIB, `${mostBuffered} bytes`)
})

test('what waits to be read counts as unsent', async () => {
  const stream = new SlowStream()
  const { outbox } = outboxOn(stream)
  outbox.add([new CountingBytes(50 * MIB)])
  assert.equal(outbox.unsent, 50 * MIB)
  await setImmediate()
  assert.ok(outbox.unsent >= 49 * MIB)
})

test('when the peer goes, everything is released, what is being sent and what waits and what comes after', async () => {
  const stream = new SlowStream()
  const { outbox, seen } = outboxOn(stream)
  const answers = [new CountingBytes(20 * MIB), new CountingBytes(MIB), new CountingBytes(MIB)] as const
  outbox.add([answers[0]])
  outbox.add([answers[1]])
  await setImmediate()
  outbox.close()
  outbox.add([answers[2]])
  while (!answers[0].isReleased) await stream.take()
  assert.deepEqual(
    answers.map(({ isReleased }) => isReleased),
    [true, true, true],
  )
  assert.ok(answers[0].reads <= 2)
  assert.deepEqual([answers[1].reads, answers[2].reads, seen.failed], [0, 0, []])
})

test('an answer that cannot be read to its end is the end of the connection', async () => {
  const stream = new SlowStream()
  const { outbox, seen } = outboxOn(stream)
  const later = new CountingBytes(MIB, new Error('EIO'))
  outbox.add([Buffer.from('head'), later])
  while (seen.failed.length === 0) await setImmediate()
  assert.deepEqual(seen.failed, ['EIO'])
  assert.ok(later.isReleased)
})

test('lent memory that was not sent is given back when the connection closes, or is closed already', () => {
  const { outbox } = outboxOn(new SlowStream())
  const lent = [readBuffers.take(100_000), readBuffers.take(100_000)] as [Buffer, Buffer]
  outbox.holdBack()
  outbox.add([lent[0]])
  outbox.close()
  outbox.add([lent[1]])
  assert.deepEqual(
    lent.map((bytes) => readBuffers.isLent(bytes)),
    [false, false],
  )
})

test('many small answers leave packed, in their order, in memory that is used again when they have left', async () => {
  const written: Buffer[] = []
  let haveLeft: (() => void) | undefined
  const stream = new FakeStream()
  stream.write = (chunks, taken) => {
    written.push(...(chunks as Buffer[]))
    haveLeft = taken
  }
  const { outbox } = outboxOn(stream)
  const small = Array.from({ length: 1_000 }, (_, at) => Buffer.alloc(100 + (at % 50), at))
  const large = Buffer.alloc(20_000, 'large')
  const all = [...small, large, Buffer.from('alone'), large, ...small]
  outbox.add(all)
  await setImmediate()
  assert.ok(Buffer.concat(written).equals(Buffer.concat(all)))
  assert.ok(written.length < 12 && written.includes(large), `${written.length} chunks`)
  const lent = () => written.filter((chunk) => readBuffers.isLent(chunk)).length
  assert.ok(lent() >= 4)
  haveLeft?.()
  assert.equal(lent(), 0)
})
