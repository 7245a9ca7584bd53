import type { Access } from '../../security/access.js'
import type { Ending } from '../ending.js'
import type { Frame } from '../flights.js'

/** What is done with a request instead of serving it. */
export interface Verdict {
  /** Empty: nothing is sent. */
  readonly answer: Frame
  /** The connection ends behind the answer. */
  readonly ending?: Ending
}

/** Stands before the requests of a connection: who is there, and may anything be asked at all? */
export interface Gate {
  /** Largest frame that may come now. */
  readonly maxFrameSize: number
  /** Who has come in, and what that one may do. */
  readonly access: Access
  /** Has somebody come in? */
  readonly isOpen: boolean
  /** Looks at the request that is next; undefined: it may be served. Throws DecodeError. */
  look(frame: Buffer): Verdict | Promise<Verdict> | undefined
}

/** A listener that asks nobody: everyone comes in at once. */
export class OpenGate implements Gate {
  readonly isOpen = true
  readonly maxFrameSize: number
  readonly access: Access

  constructor(access: Access, maxFrameSize: number) {
    this.access = access
    this.maxFrameSize = maxFrameSize
  }

  look(): undefined {
    return undefined
  }
}
