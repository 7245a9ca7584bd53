import { destination, type Logger, type LoggerOptions, pino } from 'pino'

/** Log lines are JSON on stderr; stdout is for the ready line alone. */
export function openLog(level: LoggerOptions['level']): Logger {
  return pino(
    { level: level ?? 'warn', base: null, timestamp: pino.stdTimeFunctions.isoTime },
    destination({ fd: 2, sync: true }),
  )
}

/** Says nothing. */
export function silentLog(): Logger {
  return pino({ level: 'silent' })
}
