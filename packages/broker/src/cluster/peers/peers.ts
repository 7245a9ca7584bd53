import { type LinkOptions, type Outgoing, RivvenError, Security, type SecurityOptions } from '@rivven/link'
import type { Api, ResponseOf } from '@rivven/protocol'
import type { Runtime } from '@rivven/runtime'
import type { Logger } from 'pino'
import type { Cluster } from '../cluster.js'
import type { ClusterImage } from '../image.js'
import { PeerLink } from './peer-link.js'

/** Each is a connection of its own: what waits for a disk there holds up nobody who has only a question. */
export type PeerChannel = 'markers' | 'questions' | 'calls' | 'long calls'

/** How brokers of a cluster reach each other, and as whom. */
export interface PeerAccess extends SecurityOptions {
  /** Name of the listener that they use. */
  readonly listener: string
  /** Why nobody can be asked, as a sentence with what to do about it. */
  readonly fault?: string
}

export interface PeersOptions {
  readonly runtime: Runtime
  readonly cluster: Pick<Cluster, 'image' | 'onChange'>
  readonly access: PeerAccess
  readonly log: Logger
}

/** For a connection. */
const openTimeoutMs = 2_000
/**
 * Who has a question tries again, of somebody else as it may be. A marker is not given up as fast, as with Kafka: what the network has
 * held back must not come when the producer is in its next transaction (docs/cluster.md). A peer that is gone leaves the image sooner.
 */
const answerTimeoutsMs = { markers: 30_000, questions: 2_000, calls: 10_000, 'long calls': 10_000 } as const
/** Peers are trusted; of what is announced only that is believed which comes. */
const maxResponseBytes = 256 * 1024 * 1024

/** What a broker calls itself in the requests that it sends to others. */
export const peerClientId = '__rivven_broker'

/**
 * The other brokers of the cluster, as far as they are to be asked something: at their end these are ordinary connections of
 * ordinary handlers. A connection is opened when it is first needed, and closed when its broker has left the image.
 */
export class Peers {
  readonly #options: PeersOptions
  readonly #linkOptions: Omit<LinkOptions, 'closeSignal'>
  readonly #links = new Map<string, PeerLink>()
  /** Brokers that could not be asked last time: told once. */
  readonly #troubles = new Set<number>()
  #stopWatching: (() => void) | undefined
  #isClosed = false

  constructor(options: PeersOptions) {
    const { runtime, access, log } = options
    this.#options = options
    this.#linkOptions = {
      runtime,
      security: new Security(access, runtime),
      logger: { warn: (text, facts) => log.warn(facts ?? {}, text) },
      clientId: peerClientId,
      connectTimeoutMs: openTimeoutMs,
      requestTimeoutMs: openTimeoutMs,
      unreachableTimeoutMs: openTimeoutMs,
      retryBackoffMs: 50,
      maxRetryBackoffMs: 1_000,
      maxResponseBytes,
      keepsProcess: false,
    }
  }

  /**
   * What the broker answers; in the highest version that both speak. Rejects with a RivvenError where it is not in the image, cannot
   * be reached within 2 s, refuses the login, or gives no answer within 2 s, about markers 30 s, to calls of people 10 s: then nobody knows whether it has done
   * what it was asked. `lastsMs`: so much longer it may take.
   */
  async ask<A extends Api>(
    broker: number,
    channel: PeerChannel,
    api: A,
    request: Outgoing<A>,
    lastsMs = 0,
  ): Promise<ResponseOf<A>> {
    try {
      const answer = await this.#link(broker, channel).ask(api, request, answerTimeoutsMs[channel] + lastsMs)
      this.#troubles.delete(broker)
      return answer
    } catch (error) {
      if (!this.#isClosed) this.#tell(broker, error)
      throw error
    }
  }

  close(): void {
    this.#isClosed = true
    this.#stopWatching?.()
    for (const link of this.#links.values()) link.close()
    this.#links.clear()
  }

  #link(broker: number, channel: PeerChannel): PeerLink {
    const { cluster, access } = this.#options
    if (access.fault !== undefined) throw new RivvenError('AUTHENTICATION_FAILED', access.fault)
    const node = cluster.image.brokers.get(broker)
    const address = node?.addresses.get(access.listener)
    if (this.#isClosed || !node || !address) throw notHere(broker)
    const key = `${broker}/${channel}`
    const known = this.#links.get(key)
    if (known?.leadsTo(node, address)) return known
    known?.close()
    // A broker that is alone asks nobody, and need not look at images.
    this.#stopWatching ??= cluster.onChange((now) => this.#closeThoseOfOthers(now))
    const link = new PeerLink(node, address, this.#linkOptions)
    this.#links.set(key, link)
    return link
  }

  #closeThoseOfOthers({ brokers }: ClusterImage): void {
    for (const [key, link] of this.#links) {
      const node = brokers.get(link.broker)
      if (link.leadsTo(node, node?.addresses.get(this.#options.access.listener))) continue
      link.close()
      this.#links.delete(key)
      this.#troubles.delete(link.broker)
    }
  }

  #tell(broker: number, error: unknown): void {
    if (this.#troubles.has(broker)) return
    this.#troubles.add(broker)
    this.#options.log.warn({ broker, error }, 'another broker cannot be asked; it is tried again when it is needed')
  }
}

function notHere(broker: number): RivvenError {
  const text = `Broker ${broker} is not here, or cannot be reached by other brokers.`
  return new RivvenError('BROKER_NOT_AVAILABLE', text, { retriable: true, facts: { broker } })
}
