import type { AddressInfo, Server } from 'node:net'
import type { Address, Listener } from '../runtime.js'

/** How many connections may wait to be accepted: a group of 1,000 members comes at once. */
const BACKLOG = 1_024

/** Resolves when the server listens. */
export function opened(server: Server, address: Address): Promise<Listener> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host: address.host, port: address.port, backlog: BACKLOG }, () => {
      server.off('error', reject)
      // What can fail later is one accept (out of file descriptors): that connection is lost, the listener goes on.
      server.on('error', () => undefined)
      resolve({
        address: addressOf(server.address() as AddressInfo),
        close: () => stopListening(server),
        keepProcess: (isKept) => void (isKept ? server.ref() : server.unref()),
      })
    })
  })
}

function addressOf(info: AddressInfo): Address {
  return { host: info.address, port: info.port }
}

/** The server's own 'close' event would wait for all connections, which go on here. */
function stopListening(server: Server): Promise<void> {
  server.close()
  return Promise.resolve()
}
