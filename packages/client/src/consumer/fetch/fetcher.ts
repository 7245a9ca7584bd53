import type { RebalanceProtocol } from '@rivven/groups'
import type { Outgoing } from '@rivven/link'
import { asRivvenError, errorFromCode, isRetriable, type Pauses } from '@rivven/link'
import { ErrorCode, Fetch, type FetchResponse, ZERO_UUID } from '@rivven/protocol'
import type { Timer } from '@rivven/runtime'
import type { Cluster } from '../../net/cluster.js'
import { pausesOf } from '../../net/pauses.js'
import type { Positions } from '../offsets/positions.js'
import type { ConsumerSettings } from '../options/consumer-options.js'
import type { Bell } from '../state/bell.js'
import type { PartitionState } from '../state/partition-state.js'
import type { SubscriptionState } from '../state/subscription-state.js'
import type { TopicWatch } from '../state/topic-watch.js'
import type { Troubles } from '../state/troubles.js'
import type { ConsumerRecord } from './consumer-record.js'
import { takeFetchAnswer } from './fetch-answer.js'
import { FetchBuffers } from './fetch-buffers.js'
import { FetchSession, type FetchTarget } from './fetch-session.js'
import { FetchTargets } from './fetch-targets.js'
import { isRebalanceHint } from './rebalance-hint.js'

export interface FetcherParts {
  cluster: Cluster
  settings: ConsumerSettings
  subscription: SubscriptionState
  watch: TopicWatch
  positions: Positions
  troubles: Troubles
  bell: Bell
  /** The broker hinted that the group rebalances. */
  onHint(): RebalanceProtocol
}

/** What goes on with one broker. */
interface Lane {
  readonly broker: number
  readonly session: FetchSession
  /** The request that waits at the broker for records, if one does; numbered, to tell one from the next. */
  isPolling: boolean
  serial: number
  isExpress: boolean
  retryAt: number
  readonly pauses: Pauses
}

interface Exchange {
  channel: 'fetch' | 'main'
  maxWaitMs: number
  minBytes: number
  /** null: a request that stands for itself. */
  session: FetchSession | null
  /** Called as soon as it is over. */
  onEnd(): void
}

/** Long polls are short while a partition is left out because its buffer is full: it will want to be fetched soon. */
const shortWaitMs = 100

/** Nothing was asked, and nothing is wrong. */
const nothingIsDue = new Error('nothing is fetched of this broker any more')

/** Time for a heartbeat and its answer. */
const eagerPauseMs = 30

/**
 * Fetches ahead of poll. Each broker has one long poll in flight, on a connection of its own, in a fetch session. A
 * partition that becomes fetchable while that waits (after a seek, a resume, or when its buffer was emptied) is fetched
 * by an express request beside it, which does not wait for records: else it would be held up for fetchMaxWaitMs.
 */
export class Fetcher {
  readonly buffers = new FetchBuffers()
  readonly #parts: FetcherParts
  readonly #lanes = new Map<number, Lane>()
  readonly #targets: FetchTargets
  /** Partitions that a request on its way is about, with the version of their state. */
  readonly #inFlight = new Map<PartitionState, number>()
  /** The long poll beside which a partition was last found empty by an express request. */
  readonly #foundEmpty = new WeakMap<PartitionState, string>()
  #timer: Timer | null = null
  #isClosed = false

  constructor(parts: FetcherParts) {
    this.#parts = parts
    this.#targets = new FetchTargets({
      ...parts,
      buffers: this.buffers,
      isInFlight: (state) => this.#inFlight.get(state) === state.version,
      retryAt: (broker) => this.#lane(broker).retryAt,
    })
  }

  /** Takes what is buffered, up to `max` records, and fetches on. */
  take(max: number): ConsumerRecord[] {
    const records = this.buffers.take(max)
    this.pump()
    return records
  }

  /** Sends requests for all partitions that can be fetched. To be called whenever one may have become fetchable. */
  pump(): void {
    if (this.#isClosed || this.buffers.bytes >= this.#parts.settings.maxBufferedBytes) return
    const now = this.#parts.cluster.runtime.clock.monotonic()
    const { targets, isFull, retryAt } = this.#targets.due(now)
    for (const [broker, ofBroker] of targets) this.#startLane(this.#lane(broker), ofBroker, isFull)
    this.#pumpAt(retryAt, now)
  }

  close(): void {
    this.#isClosed = true
    this.#timer?.cancel()
  }

  #startLane(lane: Lane, targets: FetchTarget[], isFull: boolean): void {
    if (lane.isExpress) return
    if (!lane.isPolling) void this.#longPoll(lane, targets, isFull)
    else {
      const poll = `${lane.broker}/${lane.serial}`
      const waiting = targets.filter(({ state, version }) => this.#foundEmpty.get(state) !== `${poll}/${version}`)
      if (waiting.length > 0) void this.#express(lane, waiting, poll)
    }
  }

  #longPoll(lane: Lane, targets: readonly FetchTarget[], isFull: boolean): Promise<void> {
    const { fetchMaxWaitMs, fetchMinBytes } = this.#parts.settings
    const maxWaitMs = isFull ? Math.min(fetchMaxWaitMs, shortWaitMs) : fetchMaxWaitMs
    lane.isPolling = true
    lane.serial++
    return this.#exchange(lane, targets, {
      channel: 'fetch',
      maxWaitMs,
      minBytes: fetchMinBytes,
      session: lane.session,
      onEnd: () => {
        lane.isPolling = false
      },
    })
  }

  #express(lane: Lane, targets: readonly FetchTarget[], poll: string): Promise<void> {
    lane.isExpress = true
    return this.#exchange(lane, targets, {
      channel: 'main',
      maxWaitMs: 0,
      minBytes: 0,
      session: null,
      onEnd: () => {
        lane.isExpress = false
        for (const { state, version, fetchOffset } of targets) {
          if (state.fetchPosition?.offset === fetchOffset) this.#foundEmpty.set(state, `${poll}/${version}`)
        }
      },
    })
  }

  /** One request and its answer. Never rejects. */
  async #exchange(lane: Lane, targets: readonly FetchTarget[], how: Exchange): Promise<void> {
    const { cluster, troubles, bell } = this.#parts
    const startedAt = cluster.runtime.clock.monotonic()
    for (const { state, version } of targets) this.#inFlight.set(state, version)
    let isNews = true
    try {
      const { answer, asked } = await this.#ask(lane, targets, how)
      if (this.#isClosed) return
      const tookMs = cluster.runtime.clock.monotonic() - startedAt
      if (isRebalanceHint(answer, { ...how, tookMs })) this.#hinted(lane)
      isNews = this.#answered(lane, answer, asked, how.session)
      if (asked.every(({ state }) => state.failures === 0)) troubles.isWell('fetch')
    } catch (error) {
      if (this.#isClosed) return
      if (error !== nothingIsDue) this.#failed(lane, how.session, error, startedAt)
    } finally {
      for (const { state, version } of targets) if (this.#inFlight.get(state) === version) this.#inFlight.delete(state)
      how.onEnd()
    }
    // The next request leaves before poll reads what this one brought, so that the broker works meanwhile.
    this.pump()
    if (isNews) bell.ring()
  }

  /** Sends, and says what of: while a connection was opened some of it may have gone elsewhere. Rejects with `nothingIsDue` where all has. */
  async #ask(
    lane: Lane,
    targets: readonly FetchTarget[],
    how: Exchange,
  ): Promise<{ answer: FetchResponse; asked: readonly FetchTarget[] }> {
    const { cluster } = this.#parts
    // Topic ids only where all topics have one (data-plane §9.4).
    const maxVersion = targets.some(({ topicId }) => topicId === ZERO_UUID) ? 12 : undefined
    const timeoutMs = cluster.requestTimeoutMs + how.maxWaitMs
    let asked = targets
    let hasWaited = false
    const request = (version: number) => {
      if (hasWaited) asked = this.#targets.stillDue(targets, lane.broker)
      if (asked.length === 0) throw nothingIsDue
      return this.#request(asked, version >= 13, how)
    }
    const answer = cluster.send(lane.broker, Fetch, request, { channel: how.channel, timeoutMs, maxVersion })
    hasWaited = true
    return { answer: await answer, asked }
  }

  #request(targets: readonly FetchTarget[], usesIds: boolean, how: Exchange): Outgoing<typeof Fetch> {
    const { settings } = this.#parts
    const { maxWaitMs, minBytes, session } = how
    const part = session?.request(targets, usesIds) ?? {
      ...new FetchSession().request(targets, usesIds),
      sessionEpoch: -1,
    }
    const room = settings.maxBufferedBytes - this.buffers.bytes
    const maxBytes = Math.max(1, Math.min(settings.fetchMaxBytes, room))
    const { isolationLevel, clientRack } = settings
    return { maxWaitMs, minBytes, maxBytes, isolationLevel, rackId: clientRack ?? '', ...part }
  }

  /** Takes an answer; true when poll should look at what it brought. */
  #answered(lane: Lane, answer: FetchResponse, targets: readonly FetchTarget[], session: FetchSession | null): boolean {
    if (answer.errorCode !== ErrorCode.NONE) {
      if (answer.errorCode === ErrorCode.FETCH_SESSION_ID_NOT_FOUND) session?.forget()
      else session?.failed()
      if (!isSessionError(answer.errorCode))
        throw errorFromCode(answer.errorCode, `Fetching from broker ${lane.broker}`)
      return false
    }
    session?.accepted(answer.sessionId)
    lane.pauses.end()
    const { cluster, settings, watch, positions, troubles } = this.#parts
    return takeFetchAnswer(answer, targets, {
      cluster,
      settings,
      troubles,
      buffers: this.buffers,
      broker: lane.broker,
      onStaleMetadata: () => watch.refreshSoon(),
      onOutOfRange: (state) => positions.outOfRange(state),
    })
  }

  /** An eager member gives up everything now: a long poll for that would be in the way of its next partitions. */
  #hinted(lane: Lane): void {
    const { cluster, onHint } = this.#parts
    if (onHint() === 'eager') lane.retryAt = cluster.runtime.clock.monotonic() + eagerPauseMs
  }

  #failed(lane: Lane, session: FetchSession | null, error: unknown, startedAt: number): void {
    const { cluster, troubles, watch } = this.#parts
    session?.failed()
    lane.retryAt = cluster.runtime.clock.monotonic() + lane.pauses.after(error)
    const trouble = asRivvenError(error, `Fetching from broker ${lane.broker}`)
    if (isRetriable(trouble)) troubles.failed('fetch', trouble, startedAt)
    else troubles.report(trouble)
    watch.refreshSoon()
  }

  #lane(broker: number): Lane {
    let lane = this.#lanes.get(broker)
    if (!lane) {
      const session = new FetchSession()
      const pauses = pausesOf(this.#parts.cluster)
      lane = { broker, session, isPolling: false, serial: 0, isExpress: false, retryAt: 0, pauses }
      this.#lanes.set(broker, lane)
    }
    return lane
  }

  #pumpAt(moment: number, now: number): void {
    this.#timer?.cancel()
    this.#timer = null
    if (moment === Number.POSITIVE_INFINITY) return
    this.#timer = this.#parts.cluster.runtime.clock.setTimer(Math.max(1, moment - now), () => this.pump())
  }
}

function isSessionError(code: number): boolean {
  return (
    code === ErrorCode.FETCH_SESSION_ID_NOT_FOUND ||
    code === ErrorCode.INVALID_FETCH_SESSION_EPOCH ||
    code === ErrorCode.FETCH_SESSION_TOPIC_ID_ERROR
  )
}
