import { type MemoryConnection, UnavailableError, UnknownOutcomeError, type Wire } from '@rivven/broker'
import type { Life } from './life.js'
import type { SimNetwork } from './sim-network.js'

/** The machine of the database, for those who cut or slow its lines. */
export const databaseHost = 'database'

/** After so long without a word both ends of a connection give it up (keepalive, TCP_USER_TIMEOUT). */
const KEEPALIVE_MS = 5_000
/** So long a new connection is waited for on a line that is cut. */
const CONNECT_MS = 1_000

type Way = 'there' | 'back'

interface Packet {
  readonly way: Way
  readonly label: string
  readonly run: () => void
}

export interface DatabaseWireOptions {
  readonly life: Life
  readonly network: SimNetwork
  /** Whether the database answers at all. */
  readonly isUp: () => boolean
  /** A call was done there. */
  readonly done: () => void
}

/**
 * Between one life of a broker and the database: calls and answers travel, overtake each other, wait where a line is cut, and are
 * lost with the connection. What has left arrives, whatever becomes of who sent it.
 */
export class DatabaseWire implements Wire {
  readonly #options: DatabaseWireOptions
  readonly #stalled = new Set<Packet>()
  /** Calls without an answer: who waits is told when the connection is gone. */
  readonly #open = new Set<(error: Error) => void>()
  /** One more with each connection that was lost: what was under way on an earlier one does not come out. */
  #connection = 0
  #cut: object | undefined
  #isGivenUp = false

  constructor(options: DatabaseWireOptions) {
    this.#options = options
  }

  /** Where the broker runs. */
  get host(): string {
    return this.#options.life.host.name
  }

  carry<Answer>(call: string, arrive: () => Answer): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const refusal = this.#refusal()
      if (refusal !== undefined) {
        this.#options.life.after(refusal, `${call} is refused`, () => reject(new UnavailableError('It is not there.')))
        return
      }
      this.#open.add(reject)
      const answer = (settle: () => void) =>
        this.#send({
          way: 'back',
          label: `${call} answered`,
          run: () => {
            if (this.#open.delete(reject)) settle()
          },
        })
      this.#send({
        way: 'there',
        label: call,
        run: () => {
          answer(outcomeOf(arrive, resolve, reject))
          this.#options.done()
        },
      })
    })
  }

  tell(arrive: () => void): void {
    this.#send({ way: 'back', label: 'is told', run: arrive })
  }

  /** A line was cut or healed: what waited goes on; a connection that is cut for long is given up at both ends. */
  lineChanged(connection: MemoryConnection): void {
    for (const packet of [...this.#stalled]) {
      if (this.#isCut(packet.way)) continue
      this.#stalled.delete(packet)
      this.#plan(packet)
    }
    if (!this.#isCut('there') && !this.#isCut('back')) {
      this.#cut = undefined
      this.#isGivenUp = false
    } else if (this.#cut === undefined) this.#giveUpLater(connection)
  }

  /**
   * All connections of this process break. Of what is under way there some arrives nevertheless, with nobody to hear the answer; where
   * the database itself has ended, nothing does.
   */
  reset(connection: MemoryConnection, isAtItsEnd: boolean): void {
    if (isAtItsEnd) this.#connection++
    this.#stalled.clear()
    const { life } = this.#options
    const waiting = [...this.#open]
    this.#open.clear()
    life.after(0, 'loses its connections', () => {
      for (const reject of waiting) reject(new UnknownOutcomeError('The connection is lost.'))
    })
    for (const session of connection.sessions) {
      session.endThere()
      life.after(0, 'its session ends', () => session.endHere())
    }
  }

  /** Its process has ended, and its machine says so, if a line is there; else the database finds out. */
  died(connection: MemoryConnection): void {
    const { network, life } = this.#options
    const { name } = life.host
    const noticed = this.#isCut('there') ? KEEPALIVE_MS : network.delay(name, databaseHost)
    const { sessions } = connection
    life.schedule.after(noticed, `${databaseHost} sees ${name} end`, () => {
      for (const session of sessions) session.endThere()
    })
  }

  /** After so long a call is refused; undefined: it leaves. */
  #refusal(): number | undefined {
    const { network, life, isUp } = this.#options
    if (this.#isGivenUp) return CONNECT_MS
    return isUp() ? undefined : 2 * network.delay(life.host.name, databaseHost)
  }

  #giveUpLater(connection: MemoryConnection): void {
    const { life } = this.#options
    const cut = {}
    this.#cut = cut
    life.schedule.after(KEEPALIVE_MS, `${life.host.name} and ${databaseHost} give up`, () => {
      if (this.#cut !== cut) return
      this.#isGivenUp = true
      this.reset(connection, false)
    })
  }

  #send(packet: Packet): void {
    if (this.#isCut(packet.way)) this.#stalled.add(packet)
    else this.#plan(packet)
  }

  #plan({ way, label, run }: Packet): void {
    const { life, network } = this.#options
    const { name } = life.host
    const connection = this.#connection
    const arrive = () => {
      if (connection === this.#connection) run()
    }
    const delay = network.delay(name, databaseHost)
    if (way === 'back') life.after(delay, label, arrive)
    else life.schedule.after(delay, `${name} ${label}`, arrive)
  }

  #isCut(way: Way): boolean {
    const { network, life } = this.#options
    const { name } = life.host
    return way === 'there' ? network.isCut(name, databaseHost) : network.isCut(databaseHost, name)
  }
}

/** Does a call now; what is returned tells who made it. */
function outcomeOf<Answer>(
  arrive: () => Answer,
  resolve: (answer: Answer) => void,
  reject: (error: unknown) => void,
): () => void {
  try {
    const answer = arrive()
    return () => resolve(answer)
  } catch (error) {
    return () => reject(error)
  }
}
