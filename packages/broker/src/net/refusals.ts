import type { Clock } from '@rivven/runtime'
import type { Logger } from 'pino'
import { MinuteLog, type RepeatedLine } from './minute-log.js'

/** Why clients do not come in, or do not stay: the labels of a metric, so no text of a client may be among them. */
export type RefusalReason =
  | 'certificate'
  | 'connection_creation_rate'
  | 'failed_login'
  | 'frame_timeout'
  | 'handshake_timeout'
  | 'line_full'
  | 'login_timeout'
  | 'malformed_before_login'
  | 'max_connections_per_ip'
  | 'max_unauthenticated_connections'
  | 'request_memory'
  | 'tls'
  | 'unread_answers'
  | 'waited_too_long'

export interface Refusal extends RepeatedLine {
  readonly reason: RefusalReason
}

/** Clients that were sent away: counted by reason, and told once a minute for each cause. */
export class Refusals {
  readonly counts = new Map<RefusalReason, number>()
  readonly #log: MinuteLog

  constructor(clock: Clock, log: Logger) {
    this.#log = new MinuteLog(clock, log)
  }

  add({ reason, ...line }: Refusal): void {
    this.counts.set(reason, (this.counts.get(reason) ?? 0) + 1)
    this.#log.add(line)
  }

  /** Tells that something is going on of which nobody was sent away for. */
  tell(line: RepeatedLine): void {
    this.#log.add(line)
  }

  close(): void {
    this.#log.close()
  }
}
