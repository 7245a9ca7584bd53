import type { Socket } from 'node:net'
import type { HttpListener } from './http.js'

/** Requests of one connection that may wait for those before them; who sends more ahead is cut off. */
const MOST_WAITING = 16

/**
 * The requests of a connection are answered one after the other, as those of Kafka's protocol are. Node would hand on all
 * that a client sends ahead, without an end: each would be worked on, or wait for a login that fails.
 */
export function inTurns(listener: HttpListener): HttpListener {
  const lines = new WeakMap<Socket, (() => void)[]>()
  return (incoming, outgoing) => {
    const { socket } = incoming
    const begin = (): void => {
      outgoing.once('close', () => next(socket))
      listener(incoming, outgoing)
    }
    const waiting = lines.get(socket)
    if (!waiting) {
      lines.set(socket, [])
      begin()
    } else if (waiting.length < MOST_WAITING) {
      waiting.push(begin)
    } else {
      socket.destroy()
    }
  }

  function next(socket: Socket): void {
    const begin = socket.destroyed ? undefined : lines.get(socket)?.shift()
    if (begin) begin()
    else lines.delete(socket)
  }
}
