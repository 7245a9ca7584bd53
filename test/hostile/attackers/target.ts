import type { ConnectionOptions } from 'node:tls'
import { type Api, type encodeRequest, type ResponseOf, SaslAuthenticate, SaslHandshake } from '@rivven/protocol'
import type { Chance } from '../../fuzz/harness/chance.js'
import { plainOf } from '../../malformed/inputs/tokens.js'
import { type Place, type Ports, passwords } from '../places.js'
import { WrongAnswer } from './attack.js'
import { HostileConnection } from './hostile-connection.js'
import { countAnswer, type Tally } from './tally.js'

/** The broker as one run of an attack has it: opens connections and counts what comes of them. */
export class Target {
  readonly chance: Chance
  readonly ports: Ports
  /** Nobody attacks any more: what waits, ends. */
  readonly signal: AbortSignal
  readonly #tally: Tally
  readonly #open = new Set<HostileConnection>()
  readonly #leave = () => this.end()

  constructor({ chance, ports, tally, signal }: { chance: Chance; ports: Ports; tally: Tally; signal: AbortSignal }) {
    this.chance = chance
    this.ports = ports
    this.#tally = tally
    this.signal = signal
    signal.addEventListener('abort', this.#leave)
  }

  async open(place: Place = 'plain', tls?: ConnectionOptions): Promise<HostileConnection> {
    const connection = await HostileConnection.to({ place, ...(tls && { tls }) }, this.ports, this.#tally)
    this.#open.add(connection)
    if (this.signal.aborted) connection.destroy()
    return connection
  }

  /** Several of them. */
  openMany(count: number, place: Place = 'plain'): Promise<HostileConnection[]> {
    return Promise.all(Array.from({ length: count }, () => this.open(place)))
  }

  /** Sends one request on a connection of its own and gives the answer. */
  async ask<A extends Api>(
    api: A,
    version: number,
    request: Parameters<typeof encodeRequest<A>>[3],
  ): Promise<ResponseOf<A>> {
    const connection = await this.open()
    try {
      return await connection.call(api, version, request)
    } finally {
      connection.destroy()
    }
  }

  /** Logs in as somebody who may do nothing. */
  async logIn(place: 'sasl' | 'saslSsl' = 'sasl'): Promise<HostileConnection> {
    const connection = await this.open(place)
    await connection.call(SaslHandshake, 1, { mechanism: 'PLAIN' })
    const { errorCode } = await connection.call(SaslAuthenticate, 2, {
      authBytes: plainOf('', 'mallory', passwords.mallory),
    })
    if (errorCode !== 0) throw new WrongAnswer(`a login that is right was answered ${errorCode}`)
    return connection
  }

  /** An answer. */
  saw(answer: string | number): void {
    countAnswer(this.#tally, String(answer))
  }

  /** An answer that must be one of these. */
  expect(code: number | undefined, codes: readonly number[], what: string): void {
    this.saw(code ?? 'nothing')
    if (code === undefined || !codes.includes(code))
      throw new WrongAnswer(`${what}: ${code} instead of ${codes.join(' or ')}`)
  }

  /** The broker closes, and says nothing before. */
  async expectClosed(connection: HostileConnection, what: string): Promise<void> {
    await connection.closed()
    if (connection.receivedBytes > 0) throw new WrongAnswer(`${what}: answered, not closed`)
    this.saw('closed')
  }

  /** Waits, unless all is over. */
  pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer)
        this.signal.removeEventListener('abort', done)
        resolve()
      }
      const timer = setTimeout(done, ms)
      if (this.signal.aborted) done()
      else this.signal.addEventListener('abort', done, { once: true })
    })
  }

  /** Leaves, without a word. */
  end(): void {
    this.signal.removeEventListener('abort', this.#leave)
    for (const connection of this.#open) connection.destroy()
    this.#open.clear()
  }
}
