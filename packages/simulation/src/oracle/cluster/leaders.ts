import type { Leadership, Seen, Timed } from '../../history/history.js'

interface Led extends Leadership {
  readonly since: number
}

/** Who leads what, as the database has it. */
export class Leaders {
  /** By topic id and partition: as it is now. */
  readonly #now = new Map<string, Led>()
  /** By topic id, partition and epoch: broker ids. */
  readonly #terms = new Map<string, number | null>()
  readonly #ids = new Map<string, string>()

  see(event: Timed<Seen>): void {
    if (event.kind !== 'leader') return
    const { at: since, topic, topicId, partition, leader, epoch } = event
    this.#now.set(`${topicId}-${partition}`, { topic, topicId, partition, leader, epoch, since })
    this.#terms.set(`${topicId}-${partition} ${epoch}`, leader)
    this.#ids.set(topic, topicId)
  }

  get all(): Iterable<Led> {
    return this.#now.values()
  }

  /** Requests name a topic by its name or by its id. */
  of(topic: string | undefined, topicId: string | undefined, partition: number): Led | undefined {
    return this.#now.get(`${this.idOf(topic, topicId)}-${partition}`)
  }

  idOf(topic: string | undefined, topicId: string | undefined): string | undefined {
    return topic ? this.#ids.get(topic) : topicId
  }

  /** Who led in an epoch; undefined: there is none. */
  inTerm(partition: string, epoch: number): number | null | undefined {
    return this.#terms.get(`${partition} ${epoch}`)
  }
}

/** Id of the broker on a host. */
export function brokerIdOf(host: string): number {
  return Number(host.slice(host.lastIndexOf('-') + 1))
}
