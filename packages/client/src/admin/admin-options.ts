import type { ClusterOptions } from '../options.js'

export interface AdminOptions extends ClusterOptions {
  /** For a whole call, everything that is tried again included, in milliseconds. Default: requestTimeoutMs. */
  timeoutMs?: number
}
