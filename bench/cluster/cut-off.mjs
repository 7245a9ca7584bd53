import { once } from 'node:events'
import { connect, createServer } from 'node:net'

/** A way to a server of this machine that can be cut: then nothing comes through any more, and nobody is told. */
export class CutOff {
  #server
  #pairs = new Set()
  #isCut = false

  static async before(port) {
    const cutOff = new CutOff()
    cutOff.#server = createServer((client) => cutOff.#join(client, port))
    cutOff.#server.listen(0, '127.0.0.1')
    await once(cutOff.#server, 'listening')
    return cutOff
  }

  get port() {
    return this.#server.address().port
  }

  cut() {
    this.#isCut = true
    for (const pair of this.#pairs) for (const socket of pair) socket.unpipe().pause()
  }

  /** Who comes anew gets through; what hung before is over. */
  heal() {
    this.#isCut = false
    for (const pair of this.#pairs) for (const socket of pair) socket.destroy()
  }

  async close() {
    this.heal()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #join(client, port) {
    const server = connect({ port, host: '127.0.0.1', noDelay: true })
    client.setNoDelay()
    const pair = [client, server]
    this.#pairs.add(pair)
    const end = () => {
      this.#pairs.delete(pair)
      for (const socket of pair) socket.destroy()
    }
    for (const socket of pair) socket.on('error', end).on('close', end)
    if (this.#isCut) return
    client.pipe(server)
    server.pipe(client)
  }
}
