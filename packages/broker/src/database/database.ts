import type { LogTables } from './log-tables.js'
import type { Members } from './members.js'
import type { Metadata } from './metadata.js'
import type { Session } from './session.js'

/**
 * What several brokers share, as one of them reaches it. Each call is one atomic statement: it is done as a whole or not at
 * all, no other call is done in its midst, and no lock outlives its answer. No rule lives here: who leads, who is dead and what
 * is to be appended is decided above, and conditions in the calls (incarnations, epochs, versions) see to it that whoever
 * decides by old knowledge changes nothing.
 *
 * Calls do not hang: without an answer for some seconds they reject with UnknownOutcomeError. Only `append` takes as long as the connection
 * stands: where a commit waits for something, making it again would only make more of them wait.
 *
 * All calls reject with UnavailableError (not done) or UnknownOutcomeError (perhaps done), and with nothing else but bugs. A call
 * whose condition does not hold (it is fenced) rejects with nothing: it changes nothing, and its answer says so. Times (leases,
 * what is due) are those of the database's own clock.
 *
 * A database that was failed over, or restored, may have lost its end: it is on another timeline. There a broker has to register again first;
 * until then all its calls but `register`, `renew` and `changesSince` are refused with UnavailableError.
 *
 * Implementations: memory/ (the model, for tests and simulations). What it does PostgreSQL is held to (postgres/), by one contract.
 */
export interface Database {
  readonly members: Members
  readonly metadata: Metadata
  readonly logs: LogTables
  /** A session of this broker: its lock and its notices. Calls do not need one. */
  openSession(): Promise<Session>
  /** Ends the sessions that were opened here; calls are refused from then on. */
  close(): Promise<void>
}

/** One life of a broker in the cluster: a higher incarnation of the same id has replaced it. */
export interface Incarnation {
  readonly brokerId: number
  readonly incarnation: number
}

/** A leadership of one partition. Each is given once, to one incarnation; a higher epoch has replaced it. */
export interface Term {
  readonly partId: number
  readonly epoch: number
}
