import type { MetricsToWrite } from '@rivven/protocol'
import type { LoopMeter } from '@rivven/runtime'
import type { ConsumerMetrics } from '../../diagnostics/metrics.js'
import type { PollTimes } from './poll-times.js'

export interface ToldFiguresParts {
  pollTimes: PollTimes
  metrics: () => ConsumerMetrics
  /** Milliseconds, that never go back. */
  monotonic: () => number
  /** Undefined where no event loop can be measured. */
  loopMeter: (() => LoopMeter) | undefined
}

/** What a subscription asks for. */
export interface Asked {
  /** Beginnings of names; '' is that of all. */
  readonly prefixes: readonly string[]
  /** Sums count from the last push, not from the start. */
  readonly isDelta: boolean
}

/** Kafka's names (KIP-714) and ours have these in front. */
const kafkas = 'org.apache.kafka.consumer.'
const ours = 'rivven.consumer.'
const loopDelay = `${ours}eventloop.delay.`

interface Counts {
  readonly opened: number
  readonly commits: Total
  readonly fetches: Total
  readonly rebalances: Total
}

interface Total {
  readonly count: number
  readonly sum: number
}

const none: Total = { count: 0, sum: 0 }

/** The figures of a consumer that brokers may ask for, of the time since they were told last. */
export class ToldFigures {
  readonly #parts: ToldFiguresParts
  readonly #startedAt: number
  #told: Counts = { opened: 0, commits: none, fetches: none, rebalances: none }
  #toldAt: number
  #meter: LoopMeter | null = null

  /** `now`: milliseconds since 1970. */
  constructor(parts: ToldFiguresParts, now: number) {
    this.#parts = parts
    this.#startedAt = now
    this.#toldAt = now
  }

  /** A broker asks for these: only what it asks for is measured from now on. */
  prepare({ prefixes }: Asked): void {
    const wants = prefixes.some((prefix) => loopDelay.startsWith(prefix) || prefix.startsWith(loopDelay))
    if (!wants) this.close()
    else this.#meter ??= this.#parts.loopMeter?.() ?? null
  }

  /** `now`: milliseconds since 1970. Windows and deltas begin anew. */
  take({ prefixes, isDelta }: Asked, now: number): Omit<MetricsToWrite, 'attributes'> {
    const metrics = this.#parts.metrics()
    const counts = countsOf(metrics)
    const isAsked = ([name]: [string, number]) => prefixes.some((prefix) => name.startsWith(prefix))
    const values = { ...this.#ofPolls(), ...this.#ofRequests(counts), ...this.#ofLoop() }
    const gauges = { ...values, [`${ours}buffered.bytes`]: metrics.bufferedBytes }
    const opened = isDelta ? counts.opened - this.#told.opened : counts.opened
    const sums = { [`${kafkas}connection.creation.total`]: opened }
    const since = isDelta ? this.#toldAt : this.#startedAt
    this.#told = counts
    this.#toldAt = now
    return {
      values: Object.fromEntries(Object.entries(gauges).filter(isAsked)),
      sums: { values: Object.fromEntries(Object.entries(sums).filter(isAsked)), since, isDelta },
      now,
    }
  }

  close(): void {
    this.#meter?.close()
    this.#meter = null
  }

  #ofPolls(): Record<string, number> {
    const { pollTimes, monotonic } = this.#parts
    const { gaps, handling, idleRatio, mostRecords, sincePollMs } = pollTimes.take(monotonic())
    return {
      [`${kafkas}time.between.poll.avg`]: gaps.avg,
      [`${kafkas}time.between.poll.max`]: gaps.max,
      [`${kafkas}last.poll.seconds.ago`]: sincePollMs / 1000,
      [`${kafkas}poll.idle.ratio.avg`]: idleRatio,
      [`${ours}handler.time.avg`]: handling.avg,
      [`${ours}handler.time.max`]: handling.max,
      [`${ours}poll.records.max`]: mostRecords,
    }
  }

  #ofRequests({ commits, fetches, rebalances }: Counts): Record<string, number> {
    return {
      [`${kafkas}coordinator.commit.latency.avg`]: meanSince(this.#told.commits, commits),
      [`${kafkas}coordinator.rebalance.latency.avg`]: meanSince(this.#told.rebalances, rebalances),
      [`${kafkas}fetch.manager.fetch.latency.avg`]: meanSince(this.#told.fetches, fetches),
    }
  }

  #ofLoop(): Record<string, number> {
    const delays = this.#meter?.take()
    return delays ? { [`${loopDelay}p99`]: delays.p99Ms, [`${loopDelay}max`]: delays.maxMs } : {}
  }
}

function countsOf({ connections, commits, rebalances, requests }: ConsumerMetrics): Counts {
  return {
    opened: connections.opened,
    commits: commits.latencyMs,
    fetches: requests.find(({ api }) => api === 'Fetch')?.latencyMs ?? none,
    rebalances: { count: rebalances.count, sum: rebalances.totalMs },
  }
}

/** NaN: there was none. */
function meanSince(before: Total, now: Total): number {
  return (now.sum - before.sum) / (now.count - before.count)
}
