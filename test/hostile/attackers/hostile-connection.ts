import { connect as connectTcp, type Socket } from 'node:net'
import { type ConnectionOptions, connect as connectTls } from 'node:tls'
import { pem } from '../../support/certificates.js'
import { RawConnection } from '../../support/raw-connection.js'
import type { Place, Ports } from '../places.js'
import type { Tally } from './tally.js'

/** How a connection is made: where to, and by which TLS. */
export interface Way {
  place: Place
  tls?: ConnectionOptions
}

/** A connection that counts what is sent. */
export class HostileConnection extends RawConnection {
  readonly #tally: Tally

  private constructor(socket: Socket, tally: Tally) {
    super(socket)
    this.#tally = tally
    tally.connections++
  }

  /** Rejects where nobody is let in. */
  static async to({ place, tls }: Way, ports: Ports, tally: Tally): Promise<HostileConnection> {
    const socket = socketTo(place, ports[place], tls)
    const event = isEncrypted(place) ? 'secureConnect' : 'connect'
    await new Promise<void>((resolve, reject) => {
      socket.once(event, resolve)
      socket.once('error', reject)
      socket.once('close', () => reject(new Error('the broker closed the connection')))
    })
    return new HostileConnection(socket, tally)
  }

  override send(bytes: Uint8Array, requests = 1): void {
    this.#tally.requests += requests
    super.send(bytes)
  }
}

function socketTo(place: Place, port: number, tls: ConnectionOptions | undefined): Socket {
  const where = { port, host: '127.0.0.1', noDelay: true }
  if (!isEncrypted(place)) return connectTcp(where)
  return connectTls({ ...where, servername: 'localhost', ca: pem('ca.pem'), ...ownCertificate(place), ...tls })
}

function isEncrypted(place: Place): boolean {
  return place === 'ssl' || place === 'saslSsl' || place === 'strict'
}

function ownCertificate(place: Place): ConnectionOptions {
  return place === 'ssl' ? { cert: pem('client.pem'), key: pem('client.key') } : {}
}
