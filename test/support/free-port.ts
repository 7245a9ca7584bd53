import { createServer } from 'node:net'

/** Below what operating systems give to outgoing connections, so that none takes it while its server is down. */
const range = { from: 10_000, to: 30_000 }

/** A port of 127.0.0.1 for a server that is ended and comes back to it; others let the system choose (port 0). */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = range.from + Math.floor(Math.random() * (range.to - range.from))
    if (await isFree(port)) return port
  }
}

function isFree(port: number): Promise<boolean> {
  const server = createServer()
  return new Promise((resolve) => {
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
