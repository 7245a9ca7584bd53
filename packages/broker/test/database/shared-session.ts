import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'

/** 'Z', with a length: the server waits for the next statement. */
const READY = 0x5a
const TERMINATE = 0x58

/** A pooler in its simplest form: all clients have one session of the server, and take turns on it, a statement each. */
export class SharedSession {
  readonly #server: Server
  readonly #backend: Socket
  #answer: Buffer = Buffer.alloc(0)
  /** What the server says when somebody logs in. */
  #greeting: Promise<Buffer> | undefined
  #turn: Promise<unknown> = Promise.resolve()
  #answered: (answer: Buffer) => void = () => undefined

  private constructor(backend: Socket) {
    this.#backend = backend
    this.#backend.on('data', (bytes) => this.#received(bytes))
    this.#server = createServer((client) => this.#serve(client))
  }

  static async before(host: string, port: number): Promise<SharedSession> {
    const backend = connect({ host, port })
    await once(backend, 'connect')
    const pooler = new SharedSession(backend)
    pooler.#server.listen(0, '127.0.0.1')
    await once(pooler.#server, 'listening')
    return pooler
  }

  get port(): number {
    return (this.#server.address() as { port: number }).port
  }

  close(): void {
    this.#server.close()
    this.#backend.destroy()
  }

  #serve(client: Socket): void {
    client.on('error', () => undefined)
    client.once('data', async (startup) => {
      this.#greeting ??= this.#ask(startup)
      client.write(await this.#greeting)
      client.on('data', async (statement) => {
        if (statement[0] === TERMINATE) client.end()
        else client.write(await this.#ask(statement))
      })
    })
  }

  /** A statement comes whole here: it is short, and the driver writes it at once. */
  #ask(message: Buffer): Promise<Buffer> {
    const answer = this.#turn.then(() => {
      this.#backend.write(message)
      return new Promise<Buffer>((resolve) => {
        this.#answered = resolve
      })
    })
    this.#turn = answer
    return answer
  }

  #received(bytes: Buffer): void {
    this.#answer = Buffer.concat([this.#answer, bytes])
    if (!isWhole(this.#answer)) return
    const answer = this.#answer
    this.#answer = Buffer.alloc(0)
    this.#answered(answer)
  }
}

function isWhole(answer: Buffer): boolean {
  let kind = 0
  let at = 0
  while (at + 5 <= answer.length) {
    kind = answer[at]!
    at += 1 + answer.readInt32BE(at + 1)
  }
  return at === answer.length && kind === READY
}
