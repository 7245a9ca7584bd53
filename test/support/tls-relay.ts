import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { type AddressInfo, connect } from 'node:net'
import { join } from 'node:path'
import { createServer, type TLSSocket, type TlsOptions } from 'node:tls'

const folder = join(import.meta.dirname, '../../support/certificates')

/** Where one of the certificates or keys for tests is. */
export function pemFile(name: string): string {
  return join(folder, name)
}

export function pem(name: string): string {
  return readFileSync(pemFile(name), 'utf8')
}

/** A listener with TLS that hands everything on, in the clear, to a broker that may start later. */
export async function tlsRelay(options: TlsOptions = {}) {
  let target = 0
  const open = new Set<TLSSocket>()
  const server = createServer({ cert: pem('broker.pem'), key: pem('broker.key'), ...options }, (near) => {
    const far = connect(target, '127.0.0.1')
    open.add(near.on('close', () => open.delete(near)))
    near.on('error', () => far.destroy()).on('close', () => far.destroy())
    far.on('error', () => near.destroy()).on('close', () => near.destroy())
    near.pipe(far).pipe(near)
  })
  server.on('tlsClientError', () => undefined).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    address: `127.0.0.1:${port}`,
    to: (bootstrapServers: string) => {
      target = Number(bootstrapServers.split(':').pop())
    },
    close: () => {
      server.close()
      for (const socket of open) socket.destroy()
    },
  }
}
