import { type DestinationStream, destination, type Logger, type LoggerOptions, pino } from 'pino'

/** Log lines are JSON on stderr; stdout is for the ready line alone. What is logged as `error` keeps message, stack and cause. */
export function openLog(level: LoggerOptions['level'], to: DestinationStream = openStderr()): Logger {
  return pino(
    {
      level: level ?? 'warn',
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      serializers: { error: errorFacts, err: errorFacts },
    },
    to,
  )
}

/** Says nothing. */
export function silentLog(): Logger {
  return pino({ level: 'silent' })
}

/** JSON sees nothing in an Error. Whatever else was thrown stays as it is. */
function errorFacts(thrown: unknown): unknown {
  return thrown instanceof Error ? pino.stdSerializers.errWithCause(thrown) : thrown
}

/** At once, so that the last line before an end is not lost. */
export function openStderr(): DestinationStream {
  return destination({ fd: 2, sync: true })
}
