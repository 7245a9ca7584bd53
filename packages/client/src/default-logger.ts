import type { Logger } from '@rivven/link'
import type { Runtime } from '@rivven/runtime'

/** Shown on stderr unless the process shuts warnings off (`--no-warnings`). */
export const processWarnings: Logger = {
  warn: (message) => process.emitWarning(message, 'RivvenWarning'),
}

const silent: Logger = { warn: () => undefined }

/** The one that was given, else Node's process warnings. A client in a world of its own has nothing to do with the process. */
export function loggerOf({ logger, runtime }: { logger?: Logger; runtime?: Runtime }): Logger {
  return logger ?? (runtime ? silent : processWarnings)
}
