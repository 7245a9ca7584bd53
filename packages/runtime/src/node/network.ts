import type { Network, TlsListen } from '../runtime.js'
import { connect } from './connect.js'
import { listen } from './listen.js'

/** TCP of this machine, and TLS on top. */
export const nodeNetwork: Network = { listen, connect }

/** The same for a server that is a guest in a process: neither what listens nor what it accepts keeps that alive. */
export const guestNetwork: Network = {
  listen: async (address, accept, tls) => {
    const listener = await listen(
      address,
      (stream, arrival) => {
        accept(stream, arrival)
        stream.keepProcess?.(false)
      },
      tls && guestTls(tls),
    )
    listener.keepProcess?.(false)
    return listener
  },
  connect,
}

/** Nor does what waits for its handshake. */
function guestTls(tls: TlsListen): TlsListen {
  if (!tls.arrived) return tls
  return {
    ...tls,
    arrived: (arrival) => {
      arrival.keepProcess(false)
      tls.arrived?.(arrival)
    },
  }
}
