import type { RequestConnection } from './request-connection.js'

<<<<<<< HEAD
/** How clients of ours call themselves, and brokers that ask others. */
const softwareOfOurs = 'rivven'
=======
/** How many connections one kind of program has open. */
export interface SoftwareCount {
  readonly software: string
  readonly version: string
  readonly connections: number
}

interface Counted {
  readonly software: string
  readonly version: string
  connections: number
}
>>>>>>> b599b8ac (API: topics tell size, rate and readers, a broker how it does and what is set there, a group when its offsets expire)

/** What the programs at the other ends of connections call themselves (KIP-511). */
export class ClientSoftware {
  readonly #names = new WeakMap<RequestConnection, string>()
  /** By name and version; those of whom nothing is open are not kept, so there are no more than connections. */
  readonly #open = new Map<string, Counted>()

  /** A connection says it once; what it says later is passed over. */
  introduce(connection: RequestConnection, software: string, version = ''): void {
    if (software === '' || this.#names.has(connection)) return
    this.#names.set(connection, software)
    const key = `${software} ${version}`
    const counted = this.#open.get(key) ?? { software, version, connections: 0 }
    this.#open.set(key, counted)
    counted.connections += 1
    connection.onClose(() => {
      counted.connections -= 1
      if (counted.connections === 0) this.#open.delete(key)
    })
  }

  /** Null: it has not said. */
  of(connection: RequestConnection): string | null {
    return this.#names.get(connection) ?? null
  }

<<<<<<< HEAD
  /** Does it understand what Kafka does not have? */
  isOurs(connection: RequestConnection): boolean {
    return this.of(connection) === softwareOfOurs
=======
  /** Of the connections that are open and have said what they are; those with the most first. */
  counts(): SoftwareCount[] {
    return Array.from(this.#open.values(), (counted) => ({ ...counted })).sort(
      (one, other) => other.connections - one.connections,
    )
>>>>>>> b599b8ac (API: topics tell size, rate and readers, a broker how it does and what is set there, a group when its offsets expire)
  }
}
