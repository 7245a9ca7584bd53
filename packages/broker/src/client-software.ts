import type { RequestConnection } from './request-connection.js'

/** How clients of ours call themselves, and brokers that ask others. */
const softwareOfOurs = 'rivven'

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

/** What the programs at the other ends of connections call themselves (KIP-511). */
export class ClientSoftware {
  readonly #said = new WeakMap<RequestConnection, Counted>()
  /** By name and version; those of whom nothing is open are not kept, so there are no more than connections. */
  readonly #open = new Map<string, Counted>()

  /** What it says last counts. */
  introduce(connection: RequestConnection, software: string, version = ''): void {
    if (software === '') return
    const before = this.#said.get(connection)
    const counted = this.#countedOf(software, version)
    counted.connections += 1
    this.#said.set(connection, counted)
    if (before) this.#leave(before)
    else connection.onClose(() => this.#leave(this.#said.get(connection)))
  }

  /** Null: it has not said. */
  of(connection: RequestConnection): string | null {
    return this.#said.get(connection)?.software ?? null
  }

  /** Does it understand what Kafka does not have? */
  isOurs(connection: RequestConnection): boolean {
    return this.of(connection) === softwareOfOurs
  }

  /** Of the connections that are open and have said what they are; those with the most first. */
  counts(): SoftwareCount[] {
    return Array.from(this.#open.values(), (counted) => ({ ...counted })).sort(
      (one, other) => other.connections - one.connections,
    )
  }

  #countedOf(software: string, version: string): Counted {
    const key = `${software} ${version}`
    const counted = this.#open.get(key) ?? { software, version, connections: 0 }
    this.#open.set(key, counted)
    return counted
  }

  #leave(counted: Counted | undefined): void {
    if (!counted) return
    counted.connections -= 1
    if (counted.connections === 0) this.#open.delete(`${counted.software} ${counted.version}`)
  }
}
