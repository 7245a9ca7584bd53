import { isDoneBy } from '@rivven/link'
import {
  type Codec,
  codecNumber,
  codecOf,
  compress,
  ErrorCode,
  GetTelemetrySubscriptions,
  type GetTelemetrySubscriptionsResponse,
  type MetricsToWrite,
  PushTelemetry,
  RecordsError,
  writeMetrics,
  ZERO_UUID,
} from '@rivven/protocol'
import type { Timer } from '@rivven/runtime'
import type { Cluster } from '../../net/cluster.js'
import type { Asked, ToldFigures } from './told-figures.js'

export interface MetricsPushParts {
  cluster: Pick<Cluster, 'runtime' | 'onImage' | 'version' | 'send'>
  figures: ToldFigures
  /** Who tells: attributes of the resource. */
  attributes: () => MetricsToWrite['attributes']
}

/** As in Kafka: after a failure, and until a cluster that could not be asked is asked again. */
const DEFAULT_INTERVAL_MS = 300_000
/** How long the last push may take: nobody waits for figures. */
const LAST_PUSH_MS = 1_000

interface Subscription extends Asked {
  readonly id: number
  readonly intervalMs: number
  /** The broker's favourite first. */
  readonly codecs: readonly Codec[]
}

/**
 * Tells brokers that ask for it how this consumer does (KIP-714): once it knows a broker it asks what is wanted, and pushes
 * that at the broker's interval, from half to one and a half of it the first time. It holds no process, and where no broker asks
 * nothing is sent. What fails is tried again later and told nobody: it is the brokers' wish.
 */
export class MetricsPush {
  readonly #parts: MetricsPushParts
  readonly #forgetImage: () => void
  #instanceId = ZERO_UUID
  #subscription: Subscription | null = null
  readonly #refusedCodecs = new Set<Codec>()
  #timer: Timer | null = null
  #isOver = false

  constructor(parts: MetricsPushParts) {
    this.#parts = parts
    this.#forgetImage = parts.cluster.onImage(() => this.#begin())
  }

  /** The last push, if there is a subscription; resolves also where it fails. */
  async close(): Promise<void> {
    if (this.#isOver) return
    const { clock } = this.#parts.cluster.runtime
    const last = this.#subscription && this.#push(this.#subscription, true).catch(ignoreFailure)
    this.stop()
    if (last) await isDoneBy(last, clock.monotonic() + LAST_PUSH_MS, clock)
  }

  /** The end without a word. */
  stop(): void {
    this.#isOver = true
    this.#forgetImage()
    this.#timer?.cancel()
    this.#parts.figures.close()
  }

  #begin(): void {
    this.#forgetImage()
    this.#run(() => this.#subscribe())
  }

  /** The next step resolves with how long to wait after it, in milliseconds. */
  #run(step: () => Promise<number>): void {
    step()
      .catch(() => {
        this.#subscription = null
        return DEFAULT_INTERVAL_MS
      })
      .then((delayMs) => this.#later(delayMs))
  }

  #later(delayMs: number): void {
    if (this.#isOver || delayMs === Number.POSITIVE_INFINITY) return
    this.#timer = this.#parts.cluster.runtime.clock.setTimer(delayMs, () => {
      const subscription = this.#subscription
      this.#run(() => (subscription ? this.#push(subscription, false) : this.#subscribe()))
    })
  }

  async #subscribe(): Promise<number> {
    const { cluster, figures } = this.#parts
    await cluster.version('any', PushTelemetry)
    const answer = await cluster.send('any', GetTelemetrySubscriptions, { clientInstanceId: this.#instanceId })
    if (answer.errorCode !== ErrorCode.NONE) return delayAfter(answer.errorCode, DEFAULT_INTERVAL_MS)
    const subscription = subscriptionOf(answer)
    const { intervalMs } = subscription
    this.#instanceId = answer.clientInstanceId
    if (this.#isOver || subscription.prefixes.length === 0) return intervalMs
    this.#subscription = subscription
    figures.prepare(subscription)
    return intervalMs * (0.5 + cluster.runtime.random.next())
  }

  async #push(subscription: Subscription, terminating: boolean): Promise<number> {
    const { cluster, figures, attributes } = this.#parts
    const told = figures.take(subscription, cluster.runtime.clock.now())
    const { codec, bytes } = this.#compressed(writeMetrics({ ...told, attributes: attributes() }), subscription)
    const request = {
      clientInstanceId: this.#instanceId,
      subscriptionId: subscription.id,
      terminating,
      compressionType: codecNumber(codec),
      metrics: bytes,
    }
    const { errorCode } = await cluster.send('any', PushTelemetry, request)
    if (errorCode === ErrorCode.NONE) return subscription.intervalMs
    if (errorCode === ErrorCode.UNSUPPORTED_COMPRESSION_TYPE) this.#refusedCodecs.add(codec)
    this.#subscription = null
    return delayAfter(errorCode, subscription.intervalMs)
  }

  /** By the first codec that works here and was not refused; else as it is. */
  #compressed(bytes: Buffer, { codecs }: Subscription): { codec: Codec; bytes: Buffer } {
    for (const codec of codecs) {
      if (this.#refusedCodecs.has(codec)) continue
      try {
        return { codec, bytes: compress(codec, bytes) }
      } catch (error) {
        // Its package is not installed.
        if (!(error instanceof RecordsError)) throw error
      }
    }
    return { codec: 'none', bytes }
  }
}

function subscriptionOf(answer: GetTelemetrySubscriptionsResponse): Subscription {
  return {
    id: answer.subscriptionId,
    intervalMs: answer.pushIntervalMs > 0 ? answer.pushIntervalMs : DEFAULT_INTERVAL_MS,
    prefixes: answer.requestedMetrics,
    isDelta: answer.deltaTemporality,
    codecs: answer.acceptedCompressionTypes.flatMap((number) => codecOf(number) ?? []),
  }
}

/** As Kafka's clients do, before they ask anew: they stop for good where the broker cannot make anything of what they say. */
function delayAfter(errorCode: number, intervalMs: number): number {
  switch (errorCode) {
    case ErrorCode.UNKNOWN_SUBSCRIPTION_ID:
    case ErrorCode.UNSUPPORTED_COMPRESSION_TYPE:
      return 0
    case ErrorCode.TELEMETRY_TOO_LARGE:
    case ErrorCode.THROTTLING_QUOTA_EXCEEDED:
      return intervalMs
    default:
      return Number.POSITIVE_INFINITY
  }
}

function ignoreFailure(): void {
  // The broker forgets by itself who tells nothing any more.
}
