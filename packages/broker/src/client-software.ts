import type { RequestConnection } from './request-connection.js'

/** How clients of ours call themselves, and brokers that ask others. */
const softwareOfOurs = 'rivven'

/** What the programs at the other ends of connections call themselves (KIP-511). */
export class ClientSoftware {
  readonly #names = new WeakMap<RequestConnection, string>()

  introduce(connection: RequestConnection, name: string): void {
    if (name !== '') this.#names.set(connection, name)
  }

  /** Null: it has not said. */
  of(connection: RequestConnection): string | null {
    return this.#names.get(connection) ?? null
  }

  /** Does it understand what Kafka does not have? */
  isOurs(connection: RequestConnection): boolean {
    return this.of(connection) === softwareOfOurs
  }
}
