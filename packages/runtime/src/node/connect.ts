import { connect as connectSocket, type Socket } from 'node:net'
import type { Address, ByteStream, TlsConnect } from '../runtime.js'
import { TlsError } from '../tls-error.js'
import { SinkReads } from './sink-reads.js'
import { SocketStream } from './socket-stream.js'
import { connectTls } from './tls-socket.js'

/** Opens a connection over TCP, or TLS on top. */
export function connect(address: Address, timeoutMs: number, tls?: TlsConnect): Promise<ByteStream> {
  return tls ? connectEncrypted(address, timeoutMs, tls) : connectPlain(address, timeoutMs)
}

async function connectPlain({ host, port }: Address, timeoutMs: number): Promise<ByteStream> {
  const reads = new SinkReads()
  const socket = connectSocket({ host, port, noDelay: true, onread: reads })
  socket.pause()
  await opened(socket, 'connect', { host, port }, timeoutMs)
  return new SocketStream(socket, { reads })
}

async function connectEncrypted(address: Address, timeoutMs: number, tls: TlsConnect): Promise<ByteStream> {
  const reads = new SinkReads()
  // Until there is a socket only certificates and keys can be wrong.
  let isReached = true
  try {
    const socket = await connectTls(address, tls, reads)
    isReached = false
    socket.once('connect', () => {
      isReached = true
    })
    await opened(socket, 'secureConnect', address, timeoutMs)
    return new SocketStream(socket, { reads })
  } catch (error) {
    throw isReached && !isTimeout(error) ? new TlsError(error as Error) : error
  }
}

/** Resolves with that event; rejects with the socket's error, or when it takes too long. */
function opened(socket: Socket, event: string, address: Address, timeoutMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => {
      clearTimeout(timer)
      socket.destroy()
      reject(error)
    }
    const timer = setTimeout(() => fail(timedOut(address, timeoutMs)), timeoutMs)
    socket.once('error', fail)
    socket.once(event, () => {
      clearTimeout(timer)
      socket.off('error', fail)
      resolve()
    })
  })
}

function timedOut({ host, port }: Address, timeoutMs: number): Error {
  return Object.assign(new Error(`no connection to ${host}:${port} within ${timeoutMs} ms`), { code: 'ETIMEDOUT' })
}

function isTimeout(error: unknown): boolean {
  return (error as { code?: unknown }).code === 'ETIMEDOUT'
}
