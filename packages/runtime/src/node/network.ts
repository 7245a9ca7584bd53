import { type AddressInfo, createServer, type Server } from 'node:net'
import type { Address, ByteStream, Listener, Network } from '../runtime.js'
import { connect } from './connect.js'
import { SocketStream } from './socket-stream.js'

/** How many connections may wait to be accepted: a group of 1,000 members comes at once. */
const BACKLOG = 1_024

/** TCP of this machine. */
export const nodeNetwork: Network = { listen, connect }

function listen(address: Address, accept: (stream: ByteStream) => void): Promise<Listener> {
  const server = createServer({ pauseOnConnect: true, noDelay: true }, (socket) => accept(new SocketStream(socket)))
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host: address.host, port: address.port, backlog: BACKLOG }, () => {
      server.off('error', reject)
      // What can fail later is one accept (out of file descriptors): that connection is lost, the listener goes on.
      server.on('error', () => undefined)
      resolve({ address: addressOf(server.address() as AddressInfo), close: () => stopListening(server) })
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
