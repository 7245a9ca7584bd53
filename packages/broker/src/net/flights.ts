import type { FrameChunk } from '@rivven/protocol'
import type { Handler } from '../handlers/handler.js'

/** A whole answer; empty where the protocol knows none. */
export type Frame = readonly FrameChunk[]

/** A request under way; `frame` is its answer once there is one. */
export interface Flight {
  readonly handler: Handler
  readonly apiVersion: number
  readonly correlationId: number
  /** Of the request. */
  readonly bytes: number
  frame: Frame | undefined
}

/** The requests of a connection that are under way, in the order in which they came. Answers leave in that order. */
export class Flights {
  #flights: Flight[] = []
  #bytes = 0

  get count(): number {
    return this.#flights.length
  }

  /** Of the requests. */
  get bytes(): number {
    return this.#bytes
  }

  get last(): Flight | undefined {
    return this.#flights.at(-1)
  }

  add(flight: Flight): void {
    this.#flights.push(flight)
    this.#bytes += flight.bytes
  }

  /** Takes out those in front that have their answers. */
  *answered(): Iterable<Frame> {
    for (let first = this.#flights[0]; first?.frame; first = this.#flights[0]) {
      this.#flights.shift()
      this.#bytes -= first.bytes
      yield first.frame
    }
  }

  clear(): void {
    this.#flights = []
    this.#bytes = 0
  }
}
