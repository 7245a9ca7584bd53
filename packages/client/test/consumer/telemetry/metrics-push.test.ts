import assert from 'node:assert/strict'
import { beforeEach, describe, test } from 'node:test'
import { fakeRuntime } from '@rivven/fakes'
import { RivvenError } from '@rivven/link'
import {
  codecNumber,
  codecOf,
  decompress,
  ErrorCode,
  GetTelemetrySubscriptions,
  PushTelemetry,
  type PushTelemetryRequest,
  readMetrics,
  ZERO_UUID,
} from '@rivven/protocol'
import { MetricsPush, type MetricsPushParts } from '../../../src/consumer/telemetry/metrics-push.js'
import { PollTimes } from '../../../src/consumer/telemetry/poll-times.js'
import { ToldFigures } from '../../../src/consumer/telemetry/told-figures.js'
import type { ConsumerMetrics } from '../../../src/diagnostics/metrics.js'

const MINUTE = 60_000
const INSTANCE = 'AQIDBAUGBwgJCgsMDQ4PEA'
const kafkas = 'org.apache.kafka.consumer.'

const noDurations = { count: 0, sum: 0, max: 0, buckets: [] }
const noMetrics: ConsumerMetrics = {
  clientId: 'worker',
  requests: [],
  bytesSent: 0,
  bytesReceived: 0,
  connections: { open: 1, opened: 3, reconnects: 0 },
  groupId: 'workers',
  state: 'stable',
  polls: { count: 0, records: 0 },
  fetchedBytes: 0,
  bufferedBytes: 77,
  commits: { done: 0, failed: 0, latencyMs: noDurations },
  rebalances: { count: 0, totalMs: 0 },
  partitions: [],
}

/** A cluster that asks for metrics as `subscription` says, and answers pushes with `answers`, then with NONE. */
function scene(subscription: Partial<Record<string, unknown>> = {}, { offers = true } = {}) {
  const runtime = fakeRuntime(7)
  const world = { asked: [] as string[], pushes: [] as PushTelemetryRequest[], answers: [] as number[], meters: 0 }
  const answer = {
    errorCode: ErrorCode.NONE,
    clientInstanceId: INSTANCE,
    subscriptionId: 5,
    acceptedCompressionTypes: [codecNumber('gzip')],
    pushIntervalMs: MINUTE,
    deltaTemporality: true,
    requestedMetrics: [''],
    ...subscription,
  }
  const nobody = () => undefined
  let onImage: () => void = nobody
  const cluster = {
    runtime,
    onImage(listener: () => void) {
      onImage = listener
      return () => {
        onImage = nobody
      }
    },
    async version() {
      if (!offers) throw new RivvenError('UNSUPPORTED_BY_BROKER', 'It does not know PushTelemetry.')
      return 0
    },
    async send(_broker: unknown, { name }: { name: string }, request: PushTelemetryRequest) {
      if (name === GetTelemetrySubscriptions.name) {
        world.asked.push(request.clientInstanceId)
        return answer
      }
      assert.equal(name, PushTelemetry.name)
      world.pushes.push(request)
      return { errorCode: world.answers.shift() ?? ErrorCode.NONE }
    },
  } as unknown as MetricsPushParts['cluster']
  const pollTimes = new PollTimes(0)
  const loopMeter = () => {
    world.meters++
    return { take: () => ({ p99Ms: 4, maxMs: 9 }), close: () => void world.meters-- }
  }
  const monotonic = () => runtime.clock.monotonic()
  const figures = new ToldFigures({ pollTimes, metrics: () => noMetrics, monotonic, loopMeter }, runtime.clock.now())
  const push = new MetricsPush({ cluster, figures, attributes: () => ({ group_id: 'workers' }) })
  return { world, asked: world.asked, push, pollTimes, clock: runtime.clock, see: () => onImage() }
}

type Scene = ReturnType<typeof scene>

let told: Scene
beforeEach(() => {
  told = scene()
})

/** Long enough for a first push: one and a half of the interval. */
async function firstPush({ see, clock, world }: Scene): Promise<void> {
  see()
  await clock.advance(MINUTE * 1.5)
  assert.ok(world.pushes.length >= 1)
}

function valuesOf({ compressionType, metrics }: PushTelemetryRequest): ReadonlyMap<string, number> {
  return readMetrics(decompress(codecOf(compressionType)!, metrics), () => true).values
}

describe('when it pushes', () => {
  test('nothing is asked before a broker is known, and the first question has no id', async () => {
    await told.clock.advance(10 * MINUTE)
    assert.deepEqual(told.asked, [])
    told.see()
    await told.clock.advance(1)
    assert.deepEqual(told.asked, [ZERO_UUID])
  })

  test('the first push comes after half to one and a half of the interval, the next ones after one', async () => {
    const { see, clock, world } = told
    see()
    await clock.advance(MINUTE / 2 - 1)
    assert.equal(world.pushes.length, 0)
    await clock.advance(MINUTE + 1)
    assert.equal(world.pushes.length, 1)
    await clock.advance(10 * MINUTE)
    assert.equal(world.pushes.length, 11)
    assert.deepEqual(told.asked, [ZERO_UUID])
  })

  test('a cluster that does not offer both APIs is asked nothing', async () => {
    const { see, clock, asked, push } = scene({}, { offers: false })
    see()
    await clock.advance(60 * MINUTE)
    assert.deepEqual(asked, [])
    await push.close()
    assert.equal(clock.pending, 0)
  })

  test('where nothing is asked for nothing is pushed or measured', async () => {
    const { see, clock, world, push } = scene({ requestedMetrics: [] })
    see()
    await clock.advance(10 * MINUTE)
    await push.close()
    assert.deepEqual([world.pushes.length, world.meters], [0, 0])
  })

  test('closing tells the last, and leaves no timer and no meter', async () => {
    const { push, world, clock } = told
    await firstPush(told)
    assert.equal(world.meters, 1)
    const before = world.pushes.length
    await Promise.all([push.close(), push.close()])
    assert.deepEqual(
      world.pushes.slice(before).map(({ terminating }) => terminating),
      [true],
    )
    assert.deepEqual([world.meters, clock.pending], [0, 0])
  })
})

describe('what a broker answers', () => {
  const anew = [ErrorCode.UNKNOWN_SUBSCRIPTION_ID, ErrorCode.UNSUPPORTED_COMPRESSION_TYPE]
  const later = [ErrorCode.TELEMETRY_TOO_LARGE, ErrorCode.THROTTLING_QUOTA_EXCEEDED]

  for (const code of anew) {
    test(`${code}: it asks at once what is wanted, with the id that it has`, async () => {
      told.world.answers.push(code)
      await firstPush(told)
      await told.clock.advance(0)
      assert.deepEqual(told.asked, [ZERO_UUID, INSTANCE])
    })
  }

  for (const code of later) {
    test(`${code}: it asks anew after an interval`, async () => {
      const { see, clock, world, asked } = told
      world.answers.push(code)
      see()
      while (world.pushes.length === 0) await clock.advance(1_000)
      await clock.advance(MINUTE - 1_000)
      assert.deepEqual(asked, [ZERO_UUID])
      await clock.advance(1_000)
      assert.deepEqual(asked, [ZERO_UUID, INSTANCE])
    })
  }

  test('INVALID_RECORD: it stops for good', async () => {
    const { clock, world, asked } = told
    world.answers.push(ErrorCode.INVALID_RECORD)
    await firstPush(told)
    await clock.advance(60 * MINUTE)
    assert.deepEqual([world.pushes.length, asked.length], [1, 1])
  })

  test('a codec that was refused is not taken again', async () => {
    const { clock, world } = told
    world.answers.push(ErrorCode.UNSUPPORTED_COMPRESSION_TYPE)
    await firstPush(told)
    await clock.advance(2 * MINUTE)
    assert.deepEqual(
      world.pushes.slice(0, 2).map(({ compressionType }) => codecOf(compressionType)),
      ['gzip', 'none'],
    )
  })
})

describe('what it tells', () => {
  test('only names that begin as asked; the event loop is measured only where it is asked for', async () => {
    const asked = scene({ requestedMetrics: [`${kafkas}time.between`, 'rivven.consumer.buffered'] })
    await firstPush(asked)
    assert.deepEqual([...valuesOf(asked.world.pushes[0]!).keys()].sort(), [
      `${kafkas}time.between.poll.avg`,
      `${kafkas}time.between.poll.max`,
      'rivven.consumer.buffered.bytes',
    ])
    assert.equal(asked.world.meters, 0)
  })

  test('polls of the time since the last push', async () => {
    const { pollTimes, world, clock } = told
    pollTimes.entered(0)
    pollTimes.left(10, 3)
    pollTimes.entered(110)
    // One that waits is no gap.
    pollTimes.left(3_120, 0)
    pollTimes.entered(3_170)
    pollTimes.left(3_170, 0)
    await firstPush(told)
    const first = valuesOf(world.pushes[0]!)
    const names = ['time.between.poll.avg', 'time.between.poll.max'].map((name) => `${kafkas}${name}`)
    const ours = ['handler.time.avg', 'handler.time.max', 'poll.records.max', 'buffered.bytes', 'eventloop.delay.max']
    assert.deepEqual(
      [...names, ...ours.map((name) => `rivven.consumer.${name}`)].map((name) => first.get(name)),
      [75, 100, 100, 100, 3, 77, 9],
    )
    await clock.advance(MINUTE)
    assert.equal(valuesOf(world.pushes[1]!).get('rivven.consumer.poll.records.max'), 0)
  })

  for (const [deltaTemporality, expected] of [
    [true, [3, 0]],
    [false, [3, 3]],
  ] as const) {
    test(`counts from ${deltaTemporality ? 'the last push' : 'the start'} where the broker wants that`, async () => {
      const asked = scene({ deltaTemporality })
      await firstPush(asked)
      await asked.clock.advance(MINUTE)
      const counts = asked.world.pushes
        .slice(0, 2)
        .map((push) => valuesOf(push).get(`${kafkas}connection.creation.total`))
      assert.deepEqual(counts, expected)
    })
  }
})
