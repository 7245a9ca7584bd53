import type { ErrorFacts } from './errors/errors.js'

/** Told of what is not an error yet. pino, console and most loggers fit. */
export interface Logger {
  warn(message: string, facts?: ErrorFacts): void
}
