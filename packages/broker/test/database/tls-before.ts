import { once } from 'node:events'
import { connect, createServer, type Server } from 'node:net'
import { type SecureContextOptions, TLSSocket } from 'node:tls'

/** A server that has no TLS, behind one that has: it says yes to who asks for encryption, and passes on what comes. */
export class TlsBefore {
  readonly #server: Server

  private constructor(host: string, port: number, identity: SecureContextOptions) {
    this.#server = createServer((client) => {
      client.on('error', () => undefined)
      client.once('data', () => {
        client.write('S')
        const encrypted = new TLSSocket(client, { isServer: true, ...identity })
        const backend = connect({ host, port })
        encrypted.on('error', () => backend.destroy())
        backend.on('error', () => encrypted.destroy())
        encrypted.pipe(backend).pipe(encrypted)
      })
    })
  }

  static async start(host: string, port: number, identity: SecureContextOptions): Promise<TlsBefore> {
    const before = new TlsBefore(host, port, identity)
    before.#server.listen(0, '127.0.0.1')
    await once(before.#server, 'listening')
    return before
  }

  get port(): number {
    return (this.#server.address() as { port: number }).port
  }

  close(): void {
    this.#server.close()
  }
}
