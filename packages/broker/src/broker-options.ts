import type { ListenHttp, Runtime } from '@rivven/runtime'
import type { Logger } from 'pino'
import type { BrokerConfig } from './config/broker-config.js'
import type { OwnStorage } from './storage/own-storage.js'

export interface BrokerOptions {
  readonly config: BrokerConfig
  readonly runtime: Runtime
  /** Belongs to the broker from here on: it closes it. */
  readonly storage: OwnStorage
  readonly log: Logger
  /** Without it nothing is served over HTTP. */
  readonly listenHttp?: ListenHttp
  /** Takes the lines of the audit log where they go to stderr; without it there are none there. */
  readonly auditToStderr?: (line: string) => void
}
