import type { Clock } from '@rivven/runtime'

/** How PostgreSQL is reached, and as whom. */
export interface PostgresTarget {
  /** Servers of one database: the one that takes writes is used. */
  readonly hosts: readonly PostgresHost[]
  readonly database: string
  readonly user: string
  readonly password: string | undefined
  readonly schema: string
  /** Undefined: in the clear. */
  readonly tls: PostgresTls | undefined
}

export interface PostgresHost {
  /** A path beginning with `/`: folder of a Unix socket. */
  readonly host: string
  readonly port: number
}

export interface PostgresTls {
  /** Whether the certificate must be signed by one that is trusted, and name the host. */
  readonly checks: 'nothing' | 'signature' | 'name'
  readonly ca: string | undefined
  readonly cert: string | undefined
  readonly key: string | undefined
}

export interface PostgresOptions {
  readonly target: PostgresTarget
  readonly clock: Clock
  /** Id of a cluster that does not exist yet. */
  newClusterId(): string
  /** What the server's settings, or an outage, mean for who runs this. */
  warn(text: string): void
  /** Connections for appends (storage_connections): so many statements of them are under way at a time. One more is for internal topics. Default 4. */
  readonly connections?: number
  /** Connections for reads (storage_readers). Default 2. */
  readonly readers?: number
  /** What connections are called in pg_stat_activity. Default rivven. */
  readonly name?: string
}
