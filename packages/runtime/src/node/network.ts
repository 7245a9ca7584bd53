import type { Network } from '../runtime.js'
import { connect } from './connect.js'
import { listen } from './listen.js'

/** TCP of this machine, and TLS on top. */
export const nodeNetwork: Network = { listen, connect }

/** The same for a server that is a guest in a process: neither what listens nor what it accepts keeps that alive. */
export const guestNetwork: Network = {
  listen: async (address, accept, tls) => {
    const listener = await listen(
      address,
      (stream) => {
        accept(stream)
        stream.keepProcess?.(false)
      },
      tls,
    )
    listener.keepProcess?.(false)
    return listener
  },
  connect,
}
