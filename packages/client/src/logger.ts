import type { ErrorFacts } from './errors.js'

/** Told of what is not an error yet. pino, console and most loggers fit. */
export interface Logger {
  warn(message: string, facts?: ErrorFacts): void
}

/** Shown on stderr unless the process listens for warnings itself. */
export const processWarnings: Logger = {
  warn: (message) => process.emitWarning(message, 'RivvenWarning'),
}
