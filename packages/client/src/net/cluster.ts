import type { LiveConnection, Outgoing, RivvenError } from '@rivven/link'
import { chooseVersion, isLastingRefusal, manyListenersAborter, retry, Security, throwIfAborted } from '@rivven/link'
import {
  type Api,
  ErrorCode,
  FindCoordinator,
  Metadata,
  type MetadataResponse,
  type ResponseOf,
} from '@rivven/protocol'
import { type Address, nodeRuntime, ProcessHold, type Runtime, type Timer } from '@rivven/runtime'
import { loggerOf } from '../default-logger.js'
import { requests } from '../diagnostics/channels.js'
import type { ClientMetrics } from '../diagnostics/metrics.js'
import { accessOf, type ClusterAccess, type ClusterOptions, parseAddresses } from '../options.js'
import { BrokerLinks, type Channel, clientClosed } from './broker-links.js'
import { type ClusterImage, type LeaderHint, partitionOf } from './cluster-image.js'
import {
  type AskCoordinator,
  Coordinators,
  type CoordinatorType,
  type FoundCoordinator,
  findCoordinator,
} from './coordinators.js'
import { Informants } from './informants.js'
import { MetadataFetcher, type TopicChoice } from './metadata-fetcher.js'
import { OpenCalls } from './open-calls.js'
import { Reach } from './reach.js'
import { RequestCounts } from './request-counts.js'
import { SilenceWatch } from './silence-watch.js'

export interface SendOptions {
  /** How long the answer may take. Default: requestTimeoutMs of the cluster. */
  timeoutMs?: number
  signal?: AbortSignal
  /** Which of the broker's connections to use. Default 'main'. */
  channel?: Channel
  /** Highest version to speak, where newer ones ask for what the caller has not (topic ids). */
  maxVersion?: number
}

export interface MetadataOptions {
  allowAutoCreate?: boolean
  isFresh?: boolean
}

/** How long something is tried, in milliseconds. */
export interface TryLimits {
  timeoutMs?: number
  /** While no broker at all can be reached. */
  unreachableTimeoutMs?: number
}

/** A request, or how to make it for the version that was negotiated. */
export type RequestFor<A extends Api> = Outgoing<A> | ((version: number) => Outgoing<A>)

/**
 * A Kafka cluster: its brokers, their connections, its metadata and coordinators. Producer, Consumer and Admin are
 * built on it. It sends each request once; `retry` is its callers' choice, but for looking up brokers and coordinators.
 */
export class Cluster {
  readonly runtime: Runtime
  readonly security: Security
  readonly clientId: string
  /** What keeps the process alive: connections do not. */
  readonly calls: OpenCalls
  readonly requestTimeoutMs: number
  readonly unreachableTimeoutMs: number
  readonly retryBackoffMs: number
  readonly maxRetryBackoffMs: number
  /** Bears passwords. */
  readonly #access: ClusterAccess
  readonly #metadataMaxAgeMs: number
  readonly #reach: Reach
  readonly #links: BrokerLinks
  readonly #requests: RequestCounts
  readonly #silence: SilenceWatch
  readonly #metadata: MetadataFetcher
  readonly #coordinators: Coordinators
  readonly #closing = manyListenersAborter()
  /** Only for the world of this process: a simulation lives as long as it wants. */
  readonly #hold: ProcessHold | null
  #ageTimer: Timer | null = null

  /**
   * Keeps the process alive while it is open. With `for calls` it does so only during these: what goes on in the background between
   * them (fetches ahead, metadata) holds nothing.
   */
  constructor(options: ClusterOptions, keepsProcess: 'while open' | 'for calls' = 'while open') {
    this.runtime = options.runtime ?? nodeRuntime()
    this.#access = accessOf(options)
    this.security = new Security(options, this.runtime)
    this.#hold = options.runtime ? null : new ProcessHold()
    this.calls = new OpenCalls((isAnyOpen) => {
      if (this.#hold) this.#hold.isHeld = isAnyOpen
    })
    this.clientId = options.clientId ?? 'rivven'
    this.requestTimeoutMs = options.requestTimeoutMs ?? 30_000
    this.unreachableTimeoutMs = options.unreachableTimeoutMs ?? 10_000
    this.retryBackoffMs = options.retryBackoffMs ?? 100
    this.maxRetryBackoffMs = options.maxRetryBackoffMs ?? 1000
    this.#metadataMaxAgeMs = options.metadataMaxAgeMs ?? 300_000
    const logger = loggerOf(options)
    this.#requests = new RequestCounts(this.runtime.clock)
    this.#reach = new Reach(this.runtime.clock, logger)
    this.#links = new BrokerLinks({
      runtime: this.runtime,
      logger,
      reach: this.#reach,
      clientId: this.clientId,
      keepsProcess: this.#hold === null,
      connectTimeoutMs: options.connectTimeoutMs ?? 10_000,
      requestTimeoutMs: this.requestTimeoutMs,
      unreachableTimeoutMs: this.unreachableTimeoutMs,
      retryBackoffMs: this.retryBackoffMs,
      maxRetryBackoffMs: this.maxRetryBackoffMs,
      security: this.security,
      maxResponseBytes: options.maxResponseBytes ?? 256 * 1024 * 1024,
      bootstrap: parseAddresses(options.bootstrapServers),
      onClosed: (broker, channel) => {
        if (channel === 'coordinator') this.#coordinators.forgetBroker(broker)
      },
    })
    this.#silence = new SilenceWatch({
      clock: this.runtime.clock,
      patienceMs: this.maxRetryBackoffMs,
      areAwaited: () => this.#links.areAwaited,
      lateMs: () => this.#links.lateMs,
      onSilence: () => this.refresh().catch(ignore),
    })
    const askMetadata = this.#asking(Metadata)
    this.#metadata = new MetadataFetcher(
      (request) => this.retrying('Asking for metadata', () => askMetadata(request)),
      (image, answer) => this.#learn(image, answer),
    )
    const askCoordinator = this.#asking(FindCoordinator)
    this.#coordinators = new Coordinators((key, type) => this.#findCoordinator(askCoordinator, key, type))
    if (keepsProcess === 'while open') this.calls.begin()
  }

  /** What a Cluster of another thread takes; secrets included. */
  get access(): ClusterAccess {
    return this.#access
  }

  /** What is known of brokers and topics, without asking. */
  get image(): ClusterImage {
    return this.#metadata.image
  }

  /** Figures of its requests and connections so far. */
  get metrics(): ClientMetrics {
    return { clientId: this.clientId, requests: this.#requests.soFar, ...this.#links.watch.soFar }
  }

  /** Why no broker at all can be reached at present; null: one can, as far as is known. */
  get trouble(): RivvenError | null {
    return this.#reach.trouble
  }

  /**
   * The end of `work`, which is given up as soon as nobody can be reached: for what is only said in parting, and made up for
   * where it cannot be said.
   */
  whileReached<T>(work: Promise<T>): Promise<T> {
    return this.#reach.whileReached(work)
  }

  /** Aborts when the cluster is closed: for loops that belong to it. */
  get closeSignal(): AbortSignal {
    return this.#closing.signal
  }

  /**
   * Sends one request to a broker, in the highest version both sides know; resolves with the answer. Requests to one
   * broker and channel leave in the order of the calls.
   */
  send<A extends Api>(
    broker: number | 'any',
    api: A,
    request: RequestFor<A>,
    options: SendOptions = {},
  ): Promise<ResponseOf<A>> {
    return this.#use(broker, options, (live) => this.#call(live, api, request, options))
  }

  /** Sends a request that has no answer; resolves when the operating system took it. */
  post<A extends Api>(broker: number, api: A, request: Outgoing<A>, options: SendOptions = {}): Promise<void> {
    return this.#use(broker, options, (live) => {
      const version = chooseVersion(live, api, options.maxVersion)
      return this.#observed(live, api, version, () => live.connection.post(api, version, request))
    })
  }

  /** The version in which `send` would speak to this broker. Rejects with UNSUPPORTED_BY_BROKER when there is none. */
  version(broker: number | 'any', api: Api, channel: Channel = 'main'): Promise<number> {
    return this.#use(broker, { channel }, async (live) => chooseVersion(live, api))
  }

  /** The level of a feature that is in force in the cluster (KIP-584), as this broker said; 0: it is not. */
  feature(broker: number | 'any', name: string, channel: Channel = 'main'): Promise<number> {
    return this.#use(broker, { channel }, async (live) => live.features.get(name) ?? 0)
  }

  /**
   * The image with these topics in it, asked for if one is not known or in error; the topic's `errorCode` says when it
   * does not exist. 'all' always asks, and so does `isFresh`. Topics are created only with `allowAutoCreate` (and if the
   * broker does).
   */
  metadata(topics: TopicChoice, options: MetadataOptions = {}): Promise<ClusterImage> {
    const { allowAutoCreate = false, isFresh = false } = options
    return isFresh ? this.#metadata.fetch(topics, allowAutoCreate) : this.#metadata.with(topics, allowAutoCreate)
  }

  /** Asks again for all topics that were asked for so far. */
  refresh(): Promise<ClusterImage> {
    return this.#metadata.refresh()
  }

  /** Calls `listener` with each new image; returns what ends it. */
  onImage(listener: (image: ClusterImage) => void): () => void {
    return this.#metadata.onChange(listener)
  }

  /** Node id of the partition's leader; undefined when there is none or it is not known. */
  leaderOf(topic: string, partition: number): number | undefined {
    const image = this.image.topics.get(topic)
    const leader = image && partitionOf(image, partition)?.leader
    return leader !== undefined && leader >= 0 ? leader : undefined
  }

  /** Takes a newer leader that an answer to Produce or Fetch told of, with its address if that is given. */
  hintLeader(hint: LeaderHint, address?: Address): void {
    if (hint.leader < 0) return
    if (address && !this.#links.knows(hint.leader)) this.#links.learn(hint.leader, address)
    if (this.#links.knows(hint.leader)) this.#metadata.hint(hint)
  }

  /** Node id of the coordinator, looked up if not known. Rejects when none is found within requestTimeoutMs. */
  coordinator(key: string, type: CoordinatorType): Promise<number> {
    return this.#coordinators.of(key, type)
  }

  /** The coordinator and where it is, as far as that is known without asking. */
  knownCoordinator(key: string, type: CoordinatorType): FoundCoordinator | null {
    const broker = this.#coordinators.known(key, type)
    const address = broker === undefined ? undefined : this.#links.addressOf(broker)
    return broker === undefined || !address ? null : { broker, address }
  }

  /** Takes a coordinator that another Cluster found. */
  learnCoordinator(key: string, type: CoordinatorType, { broker, address }: FoundCoordinator): void {
    this.#links.learn(broker, address)
    this.#coordinators.learn(key, type, broker)
  }

  /** Where a broker is, as far as it is known. */
  addressOf(broker: number): Address | undefined {
    return this.#links.addressOf(broker)
  }

  /** To be called when it answered NOT_COORDINATOR or COORDINATOR_NOT_AVAILABLE: the next call looks it up anew. */
  forgetCoordinator(key: string, type: CoordinatorType): void {
    this.#coordinators.forget(key, type)
  }

  /**
   * Calls `attempt` until it succeeds, fails for good or a limit is reached. Default: `requestTimeoutMs`, and
   * `unreachableTimeoutMs` while no broker at all can be reached.
   */
  retrying<T>(what: string, attempt: () => Promise<T>, limits: TryLimits = {}): Promise<T> {
    const { clock, random } = this.runtime
    const { retryBackoffMs: backoffMs, maxRetryBackoffMs: maxBackoffMs } = this
    const { timeoutMs = this.requestTimeoutMs, unreachableTimeoutMs = this.unreachableTimeoutMs } = limits
    const options = { clock, random, what, timeoutMs, unreachableTimeoutMs, backoffMs, maxBackoffMs }
    return retry({ ...options, signal: this.closeSignal }, attempt)
  }

  /** Closes all connections; requests in flight fail with CLIENT_CLOSED. */
  async close(): Promise<void> {
    this.#ageTimer?.cancel()
    this.#hold?.release()
    this.#silence.close()
    this.#links.close()
    this.#closing.abort(clientClosed())
  }

  #call<A extends Api>(
    live: LiveConnection,
    api: A,
    request: RequestFor<A>,
    { timeoutMs = this.requestTimeoutMs, signal, maxVersion }: SendOptions,
  ): Promise<ResponseOf<A>> {
    const version = chooseVersion(live, api, maxVersion)
    const message = typeof request === 'function' ? request(version) : request
    return this.#observed(live, api, version, () => live.connection.call(api, version, message, { timeoutMs, signal }))
  }

  /** Counted, and told to those who listen. */
  #observed<T>(live: LiveConnection, api: Api, version: number, send: () => Promise<T>): Promise<T> {
    const call = () => this.#requests.watch(api.name, send())
    if (!requests.isHeard) return call()
    const { broker, connection } = live
    const { clientId } = this
    return requests.during({ clientId, api: api.name, version, broker, address: connection.address }, call)
  }

  async #use<T>(broker: number | 'any', options: SendOptions, call: (live: LiveConnection) => Promise<T>): Promise<T> {
    throwIfAborted(options.signal, 'The request')
    this.#silence.begin()
    const channel = options.channel ?? 'main'
    if (broker === 'any') return call(await this.#links.any(channel))
    const live = this.#links.ready(broker, channel)
    if (live) return call(live)
    return this.#links.inTurn(broker, channel, (opened) => {
      throwIfAborted(options.signal, 'The request')
      return call(opened)
    })
  }

  /** A function that asks the API of any broker. */
  #asking<A extends Api>(api: A): (request: RequestFor<A>) => Promise<ResponseOf<A>> {
    const { clock } = this.runtime
    const informants = new Informants({ clock, links: this.#links, patienceMs: this.maxRetryBackoffMs })
    return (request) => {
      this.#silence.begin()
      return informants.ask((live) => this.#call(live, api, request, {}))
    }
  }

  #learn(image: ClusterImage, answer: MetadataResponse): void {
    if (answer.errorCode === ErrorCode.REBOOTSTRAP_REQUIRED) this.#links.rebootstrap()
    else this.#links.replaceBrokers(image.brokers.values())
    this.#ageTimer?.cancel()
    if (this.closeSignal.aborted) return
    this.#ageTimer = this.runtime.clock.setTimer(this.#metadataMaxAgeMs, () => this.#refreshQuietly())
  }

  /**
   * A refresh by age that fails is made up for by the next one, or by whoever needs the topic. What people have to mend is left
   * to whoever calls.
   */
  #refreshQuietly(): void {
    this.refresh().catch((error: unknown) => {
      if (this.closeSignal.aborted) return
      const delayMs = isLastingRefusal(error) ? this.#metadataMaxAgeMs : this.maxRetryBackoffMs
      this.#ageTimer = this.runtime.clock.setTimer(delayMs, () => this.#refreshQuietly())
    })
  }

  async #findCoordinator(ask: AskCoordinator, key: string, type: CoordinatorType): Promise<number> {
    const found = await this.retrying(`Finding the coordinator of ${type} ${key}`, () =>
      findCoordinator(ask, key, type),
    )
    this.#links.learn(found.broker, found.address)
    return found.broker
  }
}

function ignore(): void {
  // It is asked again while there is silence.
}
