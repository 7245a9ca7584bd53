import type { Clock, Disk } from '@rivven/runtime'
import type { Logger } from 'pino'
import { ConfigError } from '../../config/config-error.js'
import { LineFile } from './line-file.js'

export interface AuditOutputParts {
  /** `audit_log`. */
  readonly asked: string
  /** Is there an authorizer? Then the audit log goes to stderr unless something else is asked for. */
  readonly authorizes: boolean
  /** Takes lines for stderr; undefined: this broker has none, as a guest in another program. */
  readonly stderr?: ((line: string) => void) | undefined
  readonly disk: Pick<Disk, 'open'>
  readonly clock: Clock
  readonly log: Logger
}

/** Where lines of the audit log go. */
export interface AuditOutput {
  write(line: string): void
  /** The file was moved away. */
  reopen?(): Promise<void>
  close?(): Promise<void>
}

/**
 * Undefined: nowhere. Throws ConfigError where the file cannot be opened: a broker that has to tell what it does shall not
 * start without.
 */
export async function openAuditOutput(options: AuditOutputParts): Promise<AuditOutput | undefined> {
  const { asked, authorizes, stderr, ...parts } = options
  if (asked === 'off' || (asked === '' && !authorizes)) return undefined
  if (asked === '' || asked === 'stderr') return stderr && { write: stderr }
  return LineFile.open(asked, parts).catch((error: Error) => {
    throw new ConfigError(`audit_log ${asked} cannot be written: ${error.message}.`)
  })
}
