import type { ListenHttp, Runtime } from '@rivven/runtime'
import type { Logger } from 'pino'
import type { BrokerConfig } from './config/broker-config.js'
import type { Database } from './database/database.js'
import type { OwnStorage } from './storage/own-storage.js'

export type BrokerOptions = AloneOptions | SharedOptions

/** A broker that has all for itself. */
export interface AloneOptions extends CommonOptions {
  /** Belongs to the broker from here on: it closes it. */
  readonly storage: OwnStorage
}

/** One of several brokers, which share what a database has. */
export interface SharedOptions extends CommonOptions {
  /** The database as this broker reaches it. Belongs to it from here on: it closes it. */
  readonly database: Database
}

export interface CommonOptions {
  readonly config: BrokerConfig
  readonly runtime: Runtime
  readonly log: Logger
  /** Without it nothing is served over HTTP. */
  readonly listenHttp?: ListenHttp
  /** Takes the lines of the audit log where they go to stderr; without it there are none there. */
  readonly auditToStderr?: (line: string) => void
}
