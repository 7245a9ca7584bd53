import {
  type Connection,
  chooseVersion,
  Link,
  type LinkOptions,
  type LiveConnection,
  manyListenersAborter,
  type Outgoing,
  RivvenError,
} from '@rivven/link'
import type { Api, ResponseOf } from '@rivven/protocol'
import type { Address } from '@rivven/runtime'
import type { BrokerNode } from '../image.js'

/** One connection to one life of a peer, opened when something is asked. */
export class PeerLink {
  readonly #node: BrokerNode
  readonly #address: Address
  readonly #link: Link
  readonly #connections = new Set<Connection>()
  readonly #closing = manyListenersAborter()

  constructor(node: BrokerNode, address: Address, options: Omit<LinkOptions, 'closeSignal'>) {
    this.#node = node
    this.#address = address
    const owner = {
      // Its address is from the image: who hangs up there is starting or ending.
      mayBeMeant: () => false,
      opened: (connection: Connection) => this.#connections.add(connection),
      reached: () => undefined,
      closed: (connection: Connection) => this.#connections.delete(connection),
    }
    this.#link = new Link(node.id, address, { ...options, closeSignal: this.#closing.signal }, owner)
  }

  get broker(): number {
    return this.#node.id
  }

  /** Whether it leads to the broker as it is now: another life of it may be another process, at the same address. */
  leadsTo(node: BrokerNode | undefined, address: Address | undefined): boolean {
    if (node?.incarnation !== this.#node.incarnation) return false
    return address?.host === this.#address.host && address.port === this.#address.port
  }

  /** Rejects with a RivvenError where there is no answer within `timeoutMs`. */
  ask<A extends Api>(api: A, request: Outgoing<A>, timeoutMs: number): Promise<ResponseOf<A>> {
    const call = (live: LiveConnection) => live.connection.call(api, chooseVersion(live, api), request, { timeoutMs })
    const { ready } = this.#link
    return ready ? call(ready) : this.#link.inTurn(call)
  }

  /** What is under way fails at once. */
  close(): void {
    const text = `Broker ${this.#node.id} is not here any more, or it is another one now.`
    const reason = new RivvenError('BROKER_NOT_AVAILABLE', text, { retriable: true, facts: { broker: this.#node.id } })
    this.#closing.abort(reason)
    for (const connection of this.#connections) connection.close(reason)
  }
}
