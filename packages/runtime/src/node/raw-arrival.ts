import type { Socket } from 'node:net'
import type { Server } from 'node:tls'
import type { Address, Arrival } from '../runtime.js'
import { remoteOf } from './socket-stream.js'

/** Of a record of TLS: its type, version and length. */
const HEADER_BYTES = 5
const HANDSHAKE = 0x16

/** A socket that has been accepted and waits for its handshake. */
export class RawArrival implements Arrival {
  readonly remote: Address
  /** Whoever sees its end knows why: nothing needs to be told. */
  isRefused = false
  readonly #raw: Socket
  readonly #secured: Server
  #head = Buffer.alloc(0)
  #stopReading: () => void = () => undefined

  /** `raw` has not begun to read; `secured` knows the certificates. */
  constructor(raw: Socket, secured: Server) {
    this.#raw = raw
    this.#secured = secured
    this.remote = remoteOf(raw)
    raw.on('error', () => undefined)
  }

  awaitHello(ready: () => void): void {
    const raw = this.#raw
    const look = (): void => {
      const bytes = raw.read() as Buffer | null
      if (bytes !== null) this.#head = Buffer.concat([this.#head, bytes])
      if (!isWhole(this.#head)) return
      this.#stopReading()
      ready()
    }
    this.#stopReading = () => void raw.off('readable', look)
    raw.on('readable', look)
  }

  shake(): void {
    this.#stopReading()
    if (this.#raw.destroyed) return
    if (this.#head.length > 0) this.#raw.unshift(this.#head)
    this.#head = Buffer.alloc(0)
    this.#secured.emit('connection', this.#raw)
  }

  onGone(listener: () => void): void {
    if (this.#raw.closed) listener()
    else this.#raw.once('close', listener)
  }

  keepProcess(isKept: boolean): void {
    if (isKept) this.#raw.ref()
    else this.#raw.unref()
  }

  destroy(): void {
    this.isRefused = true
    this.#raw.destroy()
  }
}

/** Is the first record here? What is no handshake is for TLS to refuse. */
function isWhole(head: Buffer): boolean {
  if (head.length > 0 && head[0] !== HANDSHAKE) return true
  return head.length >= HEADER_BYTES && head.length >= HEADER_BYTES + head.readUInt16BE(HEADER_BYTES - 2)
}
