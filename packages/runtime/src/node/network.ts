import type { Network } from '../runtime.js'
import { connect } from './connect.js'
import { listen } from './listen.js'

/** TCP of this machine, and TLS on top. */
export const nodeNetwork: Network = { listen, connect }
