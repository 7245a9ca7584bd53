import assert from 'node:assert/strict'
import { beforeEach, describe, test } from 'node:test'
import { fakeRuntime } from '@rivven/fakes'
import {
  codecNumber,
  compress,
  ErrorCode,
  encodeResponse,
  GetTelemetrySubscriptions,
  writeMetrics,
  ZERO_UUID,
} from '@rivven/protocol'
import type { BrokerServices, RequestContext } from '../../src/handlers/handler.js'
import { handleGetTelemetrySubscriptions } from '../../src/handlers/telemetry/get-telemetry-subscriptions.js'
import { askedMetrics } from '../../src/telemetry/asked-metrics.js'
import { ClientTelemetry } from '../../src/telemetry/client-telemetry.js'

const MINUTE = 60_000
const anyGroup = (_groupId: string) => true

let world: ReturnType<typeof fakeRuntime>
let telemetry: ClientTelemetry
beforeEach(() => {
  world = fakeRuntime()
  telemetry = new ClientTelemetry(world)
})

interface Push {
  readonly clientInstanceId: string
  readonly subscriptionId: number
  readonly terminating?: boolean
  readonly compressionType?: number
  readonly metrics?: Buffer
}

function push({ terminating = false, compressionType = 0, metrics = told({}), ...ids }: Push, may = anyGroup): number {
  return telemetry.push({ ...ids, terminating, compressionType, metrics }, may)
}

function told(values: Record<string, number>, member: Record<string, string> = { group_member_id: 'm-1' }): Buffer {
  return writeMetrics({ attributes: { group_id: 'orders', ...member }, values, now: world.clock.now() })
}

const gapMax = 'org.apache.kafka.consumer.time.between.poll.max'

function gapsOf(memberId: string) {
  const values = telemetry.figuresOf('orders').get(memberId)?.get('pollGapMaxMs')
  return values && [values.last, values.max(world.clock.monotonic())]
}

test('the list ends no process of librdkafka 2.5.0, which reads names up to a zero and needs one that it has', () => {
  const services = { clientTelemetry: telemetry } as BrokerServices
  const asks = { clientInstanceId: ZERO_UUID }
  const answer = handleGetTelemetrySubscriptions.handle(asks, services, {} as RequestContext) as object
  const bytes = Buffer.concat(encodeResponse(GetTelemetrySubscriptions, 0, 1, answer) as Buffer[]).toString('latin1')
  const read = askedMetrics.map((name) => bytes.slice(bytes.indexOf(name)).split('\0')[0]!)
  for (const kind of ['consumer', 'producer']) {
    const own = ['rate', 'total'].map((end) => `org.apache.kafka.${kind}.connection.creation.${end}`)
    assert.ok(
      own.every((metric) => read.some((name) => metric.startsWith(name))),
      kind,
    )
  }
})

describe('who may tell', () => {
  test('a client without an id gets one, and the same list has the same number everywhere', () => {
    const { errorCode, clientInstanceId, subscriptionId } = telemetry.ask(ZERO_UUID)
    assert.equal(errorCode, ErrorCode.NONE)
    assert.notEqual(clientInstanceId, ZERO_UUID)
    assert.equal(new ClientTelemetry(world).ask(clientInstanceId).subscriptionId, subscriptionId)
  })

  test('a push that was not asked for here counts where it has the number of the list: another broker asked', () => {
    const asked = new ClientTelemetry(fakeRuntime(2)).ask(ZERO_UUID)
    assert.equal(push(asked), ErrorCode.NONE)
  })

  test('another number: 117, and then it may ask at once', async () => {
    const asked = telemetry.ask(ZERO_UUID)
    assert.equal(push({ ...asked, subscriptionId: asked.subscriptionId ^ 1 }), ErrorCode.UNKNOWN_SUBSCRIPTION_ID)
    await world.clock.advance(1)
    assert.equal(telemetry.ask(asked.clientInstanceId).errorCode, ErrorCode.NONE)
    assert.equal(push(asked), ErrorCode.NONE)
  })

  test('before its time: 89, for questions and pushes; the first push after a question may come at once', async () => {
    const asked = telemetry.ask(ZERO_UUID)
    assert.equal(telemetry.ask(asked.clientInstanceId).errorCode, ErrorCode.THROTTLING_QUOTA_EXCEEDED)
    assert.equal(push(asked), ErrorCode.NONE)
    assert.equal(push(asked), ErrorCode.THROTTLING_QUOTA_EXCEEDED)
    await world.clock.advance(MINUTE)
    assert.equal(push(asked), ErrorCode.NONE)
    assert.equal(telemetry.pushes, 2)
  })

  test('the last push of a client may come at any time, and none comes after it', () => {
    const asked = telemetry.ask(ZERO_UUID)
    assert.equal(push(asked), ErrorCode.NONE)
    assert.equal(push({ ...asked, terminating: true }), ErrorCode.NONE)
    assert.equal(push({ ...asked, terminating: true }), ErrorCode.INVALID_REQUEST)
    assert.equal(telemetry.figuresOf('orders').size, 0)
  })

  test('ids that Kafka keeps for itself: 42', () => {
    for (const clientInstanceId of [ZERO_UUID, 'AAAAAAAAAAAAAAAAAAAAAQ'])
      assert.equal(push({ clientInstanceId, subscriptionId: 0 }), ErrorCode.INVALID_REQUEST)
  })
})

describe('what is told', () => {
  for (const codec of ['none', 'gzip', 'lz4', 'zstd'] as const) {
    test(`compressed as ${codec}`, () => {
      const metrics = compress(codec, told({ [gapMax]: 7 }))
      assert.equal(push({ ...telemetry.ask(ZERO_UUID), compressionType: codecNumber(codec), metrics }), ErrorCode.NONE)
      assert.deepEqual(gapsOf('m-1'), [7, 7])
    })
  }

  const cases: readonly [string, Partial<Push>, number][] = [
    ['snappy', { compressionType: 2 }, ErrorCode.UNSUPPORTED_COMPRESSION_TYPE],
    ['a codec that nobody has defined', { compressionType: 9 }, ErrorCode.UNSUPPORTED_COMPRESSION_TYPE],
    ['a negative one', { compressionType: -1 }, ErrorCode.UNSUPPORTED_COMPRESSION_TYPE],
    ['more than it may have', { metrics: Buffer.alloc(256 * 1024 + 1) }, ErrorCode.TELEMETRY_TOO_LARGE],
    [
      'more than it may have when it is read',
      { compressionType: 1, metrics: compress('gzip', Buffer.alloc(1024 * 1024 + 1)) },
      ErrorCode.TELEMETRY_TOO_LARGE,
    ],
    ['what does not decompress', { compressionType: 1, metrics: Buffer.from('x') }, ErrorCode.INVALID_RECORD],
    ['what is no metrics', { metrics: Buffer.from('0b', 'hex') }, ErrorCode.INVALID_RECORD],
  ]
  for (const [what, part, errorCode] of cases) {
    test(`${what}: ${errorCode}, and nothing is kept`, () => {
      assert.equal(push({ ...telemetry.ask(ZERO_UUID), ...part }), errorCode)
      assert.equal(telemetry.pushes, 0)
      assert.equal(telemetry.figuresOf('orders').size, 0)
    })
  }

  test('the last value and the largest of ten minutes are kept; NaN is none', async () => {
    const asked = telemetry.ask(ZERO_UUID)
    for (const [value, last, max] of [
      [5, 5, 5],
      [9, 9, 9],
      [Number.NaN, 9, 9],
      [2, 2, 9],
      [3, 3, 9],
    ] as const) {
      assert.equal(push({ ...asked, metrics: told({ [gapMax]: value }) }), ErrorCode.NONE)
      assert.deepEqual(gapsOf('m-1'), [last, max])
      await world.clock.advance(MINUTE)
    }
    for (let minute = 0; minute < 8; minute++) {
      push({ ...asked, metrics: told({ [gapMax]: 1 }) })
      await world.clock.advance(MINUTE)
    }
    assert.deepEqual(gapsOf('m-1'), [1, 3])
  })

  test('names of members as librdkafka and as Java have them', () => {
    push({ ...telemetry.ask(ZERO_UUID), metrics: told({ [gapMax]: 1 }, { member_id: 'm-2' }) })
    push({ ...telemetry.ask(ZERO_UUID), metrics: told({ [gapMax]: 2 }) })
    assert.deepEqual(
      [gapsOf('m-1'), gapsOf('m-2')],
      [
        [2, 2],
        [1, 1],
      ],
    )
  })

  test('a producer, and a consumer that is no member yet, are counted, and nothing of them is kept', () => {
    assert.equal(push({ ...telemetry.ask(ZERO_UUID), metrics: told({ [gapMax]: 1 }, {}) }), ErrorCode.NONE)
    assert.equal(telemetry.pushes, 1)
    assert.equal(telemetry.figuresOf('orders').size, 0)
  })

  test('whoever may not be a member of the group is not believed, and not told so', () => {
    const metrics = told({ [gapMax]: 1 })
    assert.equal(
      push({ ...telemetry.ask(ZERO_UUID), metrics }, (groupId) => groupId !== 'orders'),
      ErrorCode.NONE,
    )
    assert.equal(telemetry.figuresOf('orders').size, 0)
  })

  test('a client that joined anew has the figures of its new membership only', async () => {
    const asked = telemetry.ask(ZERO_UUID)
    push({ ...asked, metrics: told({ [gapMax]: 9 }) })
    await world.clock.advance(MINUTE)
    push({ ...asked, metrics: told({ [gapMax]: 2 }, { group_member_id: 'm-2' }) })
    assert.deepEqual([gapsOf('m-1'), gapsOf('m-2')], [undefined, [2, 2]])
  })

  test('a client that was not heard for three intervals is gone', async () => {
    push({ ...telemetry.ask(ZERO_UUID), metrics: told({ [gapMax]: 9 }) })
    await world.clock.advance(3 * MINUTE)
    assert.deepEqual(gapsOf('m-1'), [9, 9])
    await world.clock.advance(1)
    assert.equal(gapsOf('m-1'), undefined)
  })

  test('of ten thousand clients and one, the one that was silent for the longest time is forgotten', () => {
    const first = telemetry.ask(ZERO_UUID)
    push({ ...first, metrics: told({ [gapMax]: 9 }) })
    for (let more = 0; more < 10_000; more++) telemetry.ask(ZERO_UUID)
    assert.equal(gapsOf('m-1'), undefined)
  })
})
