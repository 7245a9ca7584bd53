// A connection that sends frames and counts what comes back. Answers are read and dropped: only the first bytes are kept.
import { once } from 'node:events'
import { connect } from 'node:net'
import { decodeResponse, encodeRequest } from '@rivven/protocol'

export function frameOf(api, apiVersion, request, correlationId = 1) {
  return Buffer.concat(encodeRequest(api, apiVersion, { correlationId, clientId: 'bench' }, request))
}

/** Opened when it resolves. */
export async function open(port, { isReading = true } = {}) {
  const socket = connect(port, '127.0.0.1')
  socket.setNoDelay(true)
  await once(socket, 'connect')
  return new Wire(socket, isReading)
}

class Wire {
  /** Bytes and frames that came. */
  bytes = 0
  answers = 0
  isClosed = false
  #socket
  #left = 0
  #head = Buffer.alloc(0)
  #parts = []
  #waiting = []

  constructor(socket, isReading) {
    this.#socket = socket
    socket.on('error', () => undefined)
    socket.on('close', () => {
      this.isClosed = true
      this.#tell()
    })
    if (isReading) socket.on('data', (chunk) => this.#take(chunk))
  }

  write(bytes) {
    this.#socket.write(bytes)
  }

  /** When so many answers are there, or the broker has closed. */
  async received(count) {
    while (this.answers < count && !this.isClosed) await new Promise((resolve) => this.#waiting.push(resolve))
  }

  /** Sends one request and reads its answer; undefined if the broker closed instead. */
  async ask(api, apiVersion, request) {
    const count = this.answers + 1
    this.isKeeping = true
    this.write(frameOf(api, apiVersion, request))
    await this.received(count)
    this.isKeeping = false
    const frame = Buffer.concat(this.#parts.splice(0))
    return frame.length > 0 ? decodeResponse(api, apiVersion, frame).message : undefined
  }

  destroy() {
    this.#socket.destroy()
  }

  #take(chunk) {
    this.bytes += chunk.length
    let at = 0
    while (at < chunk.length) {
      if (this.#left === 0) {
        const need = 4 - this.#head.length
        this.#head = Buffer.concat([this.#head, chunk.subarray(at, at + need)])
        at += need
        if (this.#head.length < 4) return
        this.#left = this.#head.readInt32BE(0)
        this.#head = Buffer.alloc(0)
      }
      const part = chunk.subarray(at, at + this.#left)
      if (this.isKeeping) this.#parts.push(part)
      at += part.length
      this.#left -= part.length
      if (this.#left === 0) this.answers += 1
    }
    this.#tell()
  }

  #tell() {
    for (const resolve of this.#waiting.splice(0)) resolve()
  }
}
