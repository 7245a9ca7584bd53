import type { Connection } from '../connection/connection.js'
import type { Offer } from './handshake.js'

/** A connection that can be used: its broker has said what it speaks, and knows who we are. */
export interface LiveConnection extends Offer {
  broker: number
  readonly connection: Connection
  /** When to log in again, as a monotonic time; Infinity: never. */
  loginDueAt: number
}
