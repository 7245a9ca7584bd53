import pg from 'pg'
import { UnavailableError, UnknownOutcomeError } from '../../database-error.js'

/**
 * Classes of SQLSTATE that say nothing against a statement: made again it may pass. The connection, rollbacks (deadlocks), resources,
 * locks, an operator, the system, corruption.
 */
const passingClasses = new Set(['08', '40', '53', '55', '57', '58', 'XX'])

/**
 * States that an operator puts right: a server that was demoted, a password or a right that was taken away, a database or a schema
 * that is not there.
 */
const passingStates = new Set(['25006', '28000', '28P01', '3D000', '3F000', '42P01', '42501'])

/**
 * What is known of a statement that failed. A server that answers with an error has done nothing. One that ends the connection may have
 * committed, and so may one from which nothing came.
 */
export function outcomeOf(error: unknown, wasSent: boolean): Error {
  const state = sqlState(error)
  const isFatal = error instanceof pg.DatabaseError && error.severity !== 'ERROR'
  const message = `PostgreSQL: ${messageOf(error)}`
  if (state === undefined || isFatal)
    return wasSent
      ? new UnknownOutcomeError(message, { cause: error })
      : new UnavailableError(message, { cause: error })
  if (passingClasses.has(state.slice(0, 2)) || passingStates.has(state))
    return new UnavailableError(message, { cause: error })
  return error as Error
}

/** The five characters with which PostgreSQL names an error, of it or of what was made of it. */
export function sqlState(error: unknown): string | undefined {
  if (error instanceof pg.DatabaseError) return error.code
  return error instanceof Error && error.cause instanceof pg.DatabaseError ? error.cause.code : undefined
}

export function messageOf(error: unknown): string {
  // Of several addresses of one name.
  if (error instanceof AggregateError) return error.errors.map(messageOf).join(', ')
  return error instanceof Error ? error.message : String(error)
}
