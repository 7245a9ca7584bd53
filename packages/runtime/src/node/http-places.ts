import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { HttpListener } from './http.js'

/**
 * The connections of an HTTP server, so many at most. Of too many one goes that has not asked for anything yet, the oldest first;
 * then one that has been answered: whoever only sits there keeps nobody out. Where all are being answered, the new one goes.
 */
export class HttpPlaces {
  readonly #most: number
  readonly #all = new Set<Socket>()
  /** Who has not asked, and who has nothing under way; in each the one first that has waited longest. */
  readonly #silent = new Set<Socket>()
  readonly #idle = new Set<Socket>()
  /** The last answer that each has asked for. */
  readonly #answers = new WeakMap<Socket, ServerResponse>()

  constructor(most: number) {
    this.#most = most
  }

  come(socket: Socket): void {
    this.#all.add(socket)
    this.#silent.add(socket)
    socket.once('close', () => this.#left(socket))
    if (this.#all.size > this.#most) this.#dismiss(this.#oldest(socket) ?? socket)
  }

  /** Sees who asks, and when that is answered. */
  watch(listener: HttpListener): HttpListener {
    return (incoming, outgoing) => {
      const socket = lowest(incoming.socket)
      this.#silent.delete(socket)
      this.#idle.delete(socket)
      this.#answers.set(socket, outgoing)
      outgoing.once('close', () => {
        // Another may have begun.
        if (this.#all.has(socket) && this.#answers.get(socket) === outgoing) this.#idle.add(socket)
      })
      listener(incoming, outgoing)
    }
  }

  close(): void {
    for (const socket of [...this.#all]) this.#dismiss(socket)
  }

  #oldest(comer: Socket): Socket | undefined {
    const [silent] = this.#silent
    if (silent !== comer) return silent
    const [idle] = this.#idle
    return idle
  }

  #dismiss(socket: Socket): void {
    this.#left(socket)
    socket.destroy()
  }

  #left(socket: Socket): void {
    this.#all.delete(socket)
    this.#silent.delete(socket)
    this.#idle.delete(socket)
  }
}

/** That which has come; Node keeps it below one that is encrypted. */
function lowest(socket: Socket): Socket {
  const { _parent: below } = socket as { _parent?: Socket | null }
  return below ?? socket
}
