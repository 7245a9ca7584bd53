import type { Certificates } from '../certificates/authority.js'
import type { RivvenSecurity } from './broker-security.js'
import type { ClientOptions, ClientWay, TokenClientOptions, TokenWay } from './client-options.js'

/** Who may connect to what was started, and how. */
export interface Secured {
  /** Changes what users may do. */
  readonly security: RivvenSecurity
  /** Of the authority that signs for this process: of its brokers, and of clients. */
  readonly certificates: Certificates
  /**
   * What a Producer, Consumer or Admin of Rivven takes to connect as the user: `{ bootstrapServers, ssl, sasl }`, of which there
   * is what the broker asks for. Throws INVALID_ARGUMENT where the user has no password.
   */
  clientOptions(user?: string, way?: ClientWay): ClientOptions
  /** The same with tokens in the place of a password, for any user. */
  clientOptions(user: string, way: TokenWay): TokenClientOptions
}
