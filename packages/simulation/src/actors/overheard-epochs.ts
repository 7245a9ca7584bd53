import type { Seen, Timed, Watcher } from '../history/history.js'

/** A producer of a transactional id, in one of its epochs. */
export interface OverheardEpoch {
  readonly transactionalId: string
  readonly producerId: number
  readonly producerEpoch: number
}

/** Learns from the wire which epochs were handed out to producers of transactional ids. */
export class OverheardEpochs implements Watcher {
  /** By transactional id, oldest first, each epoch once. */
  readonly #known = new Map<string, OverheardEpoch[]>()

  /** Epochs that have so many newer ones of their transactional id, or more. */
  former(newer: number): OverheardEpoch[] {
    return [...this.#known.values()].flatMap((epochs) => epochs.slice(0, -newer))
  }

  see(event: Timed<Seen>): void {
    if (event.kind !== 'answer') return
    const { api, request, response } = event.exchange
    if (api.name !== 'InitProducerId' && api.name !== 'EndTxn') return
    // Ends of the first protocol hand out nothing, nor does InitProducerId to those without a transactional id.
    if (response.errorCode !== 0 || response.producerId < 0 || request.transactionalId === null) return
    const { producerId, producerEpoch } = response
    this.#note({ transactionalId: request.transactionalId, producerId, producerEpoch })
  }

  /** Who asks again hears again what is known. */
  #note(epoch: OverheardEpoch): void {
    const epochs = this.#known.get(epoch.transactionalId) ?? []
    this.#known.set(epoch.transactionalId, epochs)
    const newest = epochs.at(-1)
    if (newest?.producerId === epoch.producerId && newest.producerEpoch >= epoch.producerEpoch) return
    epochs.push(epoch)
  }
}
