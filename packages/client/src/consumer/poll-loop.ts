import { RivvenError } from '@rivven/link'
import type { Clock } from '@rivven/runtime'
import { type OfConsumer, polls } from '../diagnostics/channels.js'
import type { ConsumerMetrics } from '../diagnostics/metrics.js'
import type { OpenCalls } from '../net/open-calls.js'
import type { ConsumerRecord } from './fetch/consumer-record.js'
import type { Fetcher } from './fetch/fetcher.js'
import type { Membership } from './group/membership.js'
import type { AutoCommit } from './offsets/auto-commit.js'
import type { Positions } from './offsets/positions.js'
import type { ConsumerSettings } from './options/consumer-options.js'
import { Processing } from './processing.js'
import type { Bell } from './state/bell.js'
import type { PartitionState } from './state/partition-state.js'
import type { SubscriptionState } from './state/subscription-state.js'
import type { TopicWatch } from './state/topic-watch.js'
import type { Troubles } from './state/troubles.js'
import { PollTimes } from './telemetry/poll-times.js'

export interface PollLoopParts {
  clock: Clock
  who: OfConsumer
  metrics: () => ConsumerMetrics
  settings: ConsumerSettings
  subscription: SubscriptionState
  membership: Membership | null
  fetcher: Fetcher
  positions: Positions
  watch: TopicWatch
  autoCommit: AutoCommit
  troubles: Troubles
  bell: Bell
  calls: OpenCalls
}

/** How often a poll that waits sees to what only time brings: commits, troubles that last. */
const lookRoundMs = 1000

/** Work of one turn of the event loop, in ms, after which poll lets sockets and timers have theirs. */
const turnMs = 10

/** What happens while the application asks for records, and what its asking proves. */
export class PollLoop {
  readonly #parts: PollLoopParts
  readonly #processing: Processing
  /** When polls came and went. */
  readonly times: PollTimes
  #isClosed = false
  #stops = 0
  #turnBegan = 0
  #polling: Promise<unknown> | null = null
  #polls = 0
  #records = 0

  constructor(parts: PollLoopParts) {
    this.#parts = parts
    this.#processing = new Processing(parts.who)
    this.times = new PollTimes(parts.clock.monotonic())
  }

  /** How many polls there were, by loops as well, and how many records they brought. */
  get soFar(): { count: number; records: number } {
    return { count: this.#polls, records: this.#records }
  }

  /** Calling it says that everything delivered before is handled. */
  async poll(timeoutMs: number): Promise<ConsumerRecord[]> {
    const { subscription } = this.#parts
    for (const state of subscription.assigned) state.handle()
    const records = await this.#take(timeoutMs)
    for (const state of subscription.assigned) state.deliver()
    if (records.length > 0 && this.#processing.isHeard) this.#processing.began(records)
    return records
  }

  /** Hands out one record after the other; asking for the next one says that those before are handled. */
  async *iterate(): AsyncGenerator<ConsumerRecord, void, undefined> {
    const { subscription, membership, autoCommit, clock } = this.#parts
    const stops = this.#stops
    while (!this.#isClosed && stops === this.#stops) {
      for (const state of subscription.assigned) state.handle()
      const records = await this.#take(Number.POSITIVE_INFINITY, stops)
      const isTraced = this.#processing.isHeard
      const withheld = new Set<PartitionState>()
      try {
        for (const record of records) {
          // A rebalance does not wait for the rest: that is fetched again by whoever owns it then.
          if (membership?.needsPoll || this.#isClosed || stops !== this.#stops) break
          const state = subscription.of(record.topic, record.partition)
          // Once a record was withheld, those behind it are too: order is kept.
          if (state?.isPaused) withheld.add(state)
          if (!state || withheld.has(state) || !state.deliverOne(record.offset, record.leaderEpoch)) continue
          if (isTraced) this.#processing.began([record])
          yield record
          if (isTraced) this.#processing.handled()
          state.handle()
          const now = clock.monotonic()
          membership?.leavePoll(now)
          autoCommit.tick(now)
        }
      } finally {
        // Left within the loop's body: what was handled is told already.
        this.#processing.left()
        for (const state of subscription.assigned) state.settle()
      }
    }
  }

  /** Ends iteration and a poll that waits; later ones are as ever. */
  stop(): void {
    this.#stops++
    this.#parts.bell.ring()
  }

  /** Ends iteration and a poll that waits; resolves when that has returned. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#parts.bell.ring()
    await this.#polling?.catch(ignoreFailure)
    this.#processing.left()
  }

  /** Until `stops` says that it was stopped since. */
  #take(timeoutMs: number, stops = this.#stops): Promise<ConsumerRecord[]> {
    if (this.#polling)
      throw misuse('poll() was called while another poll() waits.', 'Wait for the first one to return.')
    if (this.#parts.subscription.interest.kind === 'none')
      throw misuse('This consumer reads nothing.', 'Call subscribe() or assign() first.')
    this.#processing.handled()
    const polling = polls.isHeard
      ? polls.during({ ...this.#parts.who, metrics: this.#parts.metrics }, () => this.#entered(timeoutMs, stops))
      : this.#entered(timeoutMs, stops)
    this.#polling = polling
    return polling
  }

  async #entered(timeoutMs: number, stops: number): Promise<ConsumerRecord[]> {
    const { clock, membership, calls } = this.#parts
    calls.begin()
    membership?.enterPoll()
    const now = clock.monotonic()
    this.times.entered(now)
    let brought = 0
    try {
      await this.#yieldTurn(now)
      const records = await this.#until(now + timeoutMs, stops)
      this.#polls++
      brought = records.length
      this.#records += brought
      return records
    } finally {
      this.#polling = null
      calls.end()
      const left = clock.monotonic()
      this.times.left(left, brought)
      membership?.leavePoll(left)
    }
  }

  async #until(deadline: number, stops: number): Promise<ConsumerRecord[]> {
    const { clock, settings, subscription, troubles, autoCommit, watch, positions, fetcher, bell } = this.#parts
    const membership = subscription.isShared ? this.#parts.membership : null
    for (;;) {
      troubles.throwIfDue()
      if (membership?.needsPoll) await membership.advance(deadline)
      if (this.#isClosed || stops !== this.#stops) return []
      const now = clock.monotonic()
      autoCommit.tick(now)
      watch.update()
      positions.update()
      const records = fetcher.take(settings.maxPollRecords)
      if (records.length === 0) for (const state of subscription.assigned) state.pass()
      if (records.length > 0 || now >= deadline) return records
      await bell.wait(Math.min(deadline - now, lookRoundMs, autoCommit.intervalMs))
      this.#turnBegan = clock.monotonic()
    }
  }

  /** Records that are there already come without any I/O: heartbeats and sockets must have their turn all the same. */
  async #yieldTurn(now: number): Promise<void> {
    if (now - this.#turnBegan < turnMs) return
    const { clock } = this.#parts
    await new Promise<void>((resolve) => void clock.setTimer(0, resolve))
    this.#turnBegan = clock.monotonic()
  }
}

function misuse(text: string, hint: string): RivvenError {
  return new RivvenError('INVALID_STATE', text, { hint })
}

function ignoreFailure(): void {
  // Whoever polls is told; closing goes on.
}
