import { asRivvenError, errorFromCode, type RivvenError } from '@rivven/link'
import { ErrorCode, InitProducerId } from '@rivven/protocol'
import type { Cluster } from '../net/cluster.js'
import type { Identities } from './identities.js'
import type { ProducerIdentity } from './partition-queue.js'
import { maxProduceVersion } from './produce-request.js'

const what = 'Asking for a producer id'

/** The producer's id, asked for when it is first needed, and anew when its epochs are used up. */
export class ProducerIds implements Identities {
  readonly transactionalId = null
  readonly maxProduceVersion = maxProduceVersion
  readonly #cluster: Cluster
  readonly #timeoutMs: number
  readonly #onKnown: () => void
  readonly #onFailed: (error: RivvenError) => void
  #identity: ProducerIdentity | null = null
  #isAsking = false

  constructor(cluster: Cluster, timeoutMs: number, onKnown: () => void, onFailed: (error: RivvenError) => void) {
    this.#cluster = cluster
    this.#timeoutMs = timeoutMs
    this.#onKnown = onKnown
    this.#onFailed = onFailed
  }

  /** The identity if it is known and not `exhausted`; else null, and one of the callbacks follows. */
  current(exhausted = -1): ProducerIdentity | null {
    if (this.#identity?.producerId === exhausted) this.#identity = null
    if (!this.#identity) this.#ask()
    return this.#identity
  }

  admits(): boolean {
    return true
  }

  failed(): void {
    // Each partition sees to its own failures.
  }

  #ask(): void {
    if (this.#isAsking) return
    this.#isAsking = true
    this.#request().then(
      (identity) => {
        this.#identity = identity
        this.#isAsking = false
        this.#onKnown()
      },
      (error) => {
        this.#isAsking = false
        this.#onFailed(asRivvenError(error, what))
      },
    )
  }

  #request(): Promise<ProducerIdentity> {
    const ask = async () => {
      const request = { transactionalId: null, transactionTimeoutMs: 60_000 }
      const answer = await this.#cluster.send('any', InitProducerId, request)
      if (answer.errorCode !== ErrorCode.NONE) throw refused(answer.errorCode)
      return { producerId: answer.producerId, epoch: answer.producerEpoch }
    }
    // For records that were taken already: they have all of their time, also when nobody is there at present.
    return this.#cluster.retrying(what, ask, { timeoutMs: this.#timeoutMs, unreachableTimeoutMs: this.#timeoutMs })
  }
}

function refused(errorCode: number): RivvenError {
  return errorFromCode(errorCode, what, { facts: { operation: 'IDEMPOTENT_WRITE' } })
}
