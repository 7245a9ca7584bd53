export { addressText, sameAddress } from './address.js'
export { type CallOptions, Connection, type ConnectionOptions, type Outgoing } from './connection/connection.js'
export {
  asRivvenError,
  CommitFailedError,
  type ErrorDetails,
  type ErrorFacts,
  errorFromCode,
  FencedError,
  isRetriable,
  NoBrokerReachableError,
  RebalanceInProgressError,
  RecordTooLargeError,
  RivvenError,
} from './errors/errors.js'
export { Link, type LinkOptions, type LinkOwner } from './link.js'
export type { Logger } from './logger.js'
export { isLastingRefusal } from './opening/lasting-refusals.js'
export type { LiveConnection } from './opening/live-connection.js'
export { chooseVersion } from './opening/versions.js'
export { isDoneBy } from './retry/deadline.js'
export { backoff, type PauseOptions, Pauses, pauseAfter, standsFor } from './retry/pauses.js'
export { manyListenersAborter, type RetryOptions, retry, sleep, throwIfAborted } from './retry/retry.js'
export {
  type BearerToken,
  isTokenLogin,
  mechanismNames,
  mechanismOf,
  type PasswordLogin,
  type SaslOptions,
  type TokenLogin,
} from './security/sasl-options.js'
export { Security, type SecurityOptions } from './security/security.js'
export { isFile, type PemSource, type SslOptions } from './security/ssl-options.js'
export { type HeldToken, Tokens } from './security/tokens.js'
