import type { Connection, RivvenError } from '@rivven/link'
import { type ConnectionNews, connected, disconnected } from '../diagnostics/channels.js'
import type { Channel } from './broker-links.js'

/** Connections that could be used, from the login on: counted, and told to those who listen. */
export class ConnectionWatch {
  readonly #clientId: string
  readonly #open = new Set<Connection>()
  /** Brokers and channels that were connected once. */
  readonly #known = new Set<string>()
  #opened = 0
  #reconnects = 0
  #bytesSent = 0
  #bytesReceived = 0

  constructor(clientId: string) {
    this.#clientId = clientId
  }

  get soFar() {
    let [bytesSent, bytesReceived] = [this.#bytesSent, this.#bytesReceived]
    for (const connection of this.#open) {
      bytesSent += connection.bytesSent
      bytesReceived += connection.bytesReceived
    }
    const connections = { open: this.#open.size, opened: this.#opened, reconnects: this.#reconnects }
    return { connections, bytesSent, bytesReceived }
  }

  reached(connection: Connection, broker: number, channel: Channel): void {
    const key = `${connection.address.host}:${connection.address.port}/${channel}`
    this.#open.add(connection)
    this.#opened++
    if (this.#known.has(key)) this.#reconnects++
    this.#known.add(key)
    if (connected.isHeard) connected.tell(this.#news(connection, broker, channel))
  }

  /** Also of those that came to nothing. */
  ended(connection: Connection, broker: number, channel: Channel, error: RivvenError): void {
    this.#bytesSent += connection.bytesSent
    this.#bytesReceived += connection.bytesReceived
    if (!this.#open.delete(connection)) return
    if (disconnected.isHeard) disconnected.tell({ ...this.#news(connection, broker, channel), error })
  }

  #news({ address }: Connection, broker: number, channel: Channel): ConnectionNews {
    return { clientId: this.#clientId, broker, address, channel }
  }
}
