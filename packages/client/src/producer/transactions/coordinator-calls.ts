import { isRetriable, retry } from '@rivven/link'
import { type Api, ErrorCode, type ResponseOf } from '@rivven/protocol'
import type { Cluster, RequestFor } from '../../net/cluster.js'
import { transactionError, type Verdict } from './transaction-errors.js'

/** A request to the coordinator, and how to read its answer. */
export interface CoordinatorCall<A extends Api> {
  api: A
  /** For messages (`Ending the transaction`). */
  what: string
  request: RequestFor<A>
  maxVersion: number
  codesOf: (answer: ResponseOf<A>) => readonly number[]
  verdict: (code: number) => Verdict
  /** Ends the retries. */
  signal?: AbortSignal
}

/** The first pause before a request is repeated: what keeps it from succeeding is over soon, as a rule (§16.2). */
const firstPauseMs = 20

/** Sends requests to the coordinator of one transactional id, one after the other, wherever it is by now. */
export class CoordinatorCalls {
  readonly transactionalId: string
  readonly #cluster: Cluster
  readonly #timeoutMs: number
  #last: Promise<unknown> = Promise.resolve()

  constructor(cluster: Cluster, transactionalId: string, timeoutMs: number) {
    this.#cluster = cluster
    this.transactionalId = transactionalId
    this.#timeoutMs = timeoutMs
  }

  /** Whether the cluster speaks the second version of the transaction protocol (KIP-890). */
  async level(): Promise<1 | 2> {
    const feature = await this.#retrying('Asking for the version of transactions', undefined, async () => {
      const broker = await this.#cluster.coordinator(this.transactionalId, 'transaction')
      return this.#forgetting(() => this.#cluster.feature(broker, 'transaction.version', 'coordinator'))
    })
    return feature >= 2 ? 2 : 1
  }

  /** Sends until there is an answer without an error; throws what the verdict on an error is, or TIMED_OUT. */
  call<A extends Api>(call: CoordinatorCall<A>): Promise<ResponseOf<A>> {
    const done = this.#last.then(() => this.#retrying(call.what, call.signal, () => this.#once(call)))
    this.#last = done.catch(ignore)
    return done
  }

  async #once<A extends Api>(call: CoordinatorCall<A>): Promise<ResponseOf<A>> {
    const { api, request, maxVersion } = call
    const { transactionalId } = this
    const broker = await this.#cluster.coordinator(transactionalId, 'transaction')
    const answer = await this.#forgetting(() => {
      return this.#cluster.send(broker, api, request, { channel: 'coordinator', maxVersion })
    })
    const codes = call.codesOf(answer).filter((code) => code !== ErrorCode.NONE)
    if (codes.some(isMoved)) this.#cluster.forgetCoordinator(transactionalId, 'transaction')
    const decisive = codes.find((code) => call.verdict(code) !== 'retry') ?? codes[0]
    if (decisive === undefined) return answer
    const facts = { transactionalId, broker, api: api.name, ...writingTo(decisive) }
    const what = `${call.what} of ${transactionalId}`
    throw transactionError(decisive, what, call.verdict(decisive), facts)
  }

  async #forgetting<T>(send: () => Promise<T>): Promise<T> {
    try {
      return await send()
    } catch (error) {
      if (isRetriable(error)) this.#cluster.forgetCoordinator(this.transactionalId, 'transaction')
      throw error
    }
  }

  #retrying<T>(what: string, signal: AbortSignal | undefined, attempt: () => Promise<T>): Promise<T> {
    const { runtime, calls, retryBackoffMs, maxRetryBackoffMs: maxBackoffMs, closeSignal } = this.#cluster
    const { clock, random } = runtime
    const backoffMs = Math.min(firstPauseMs, retryBackoffMs)
    const options = { clock, random, what, timeoutMs: this.#timeoutMs, backoffMs, maxBackoffMs }
    return calls.during(() => retry({ ...options, signal: signal ?? closeSignal }, attempt))
  }
}

function isMoved(code: number): boolean {
  return code === ErrorCode.NOT_COORDINATOR || code === ErrorCode.COORDINATOR_NOT_AVAILABLE
}

function ignore(): void {
  // Whoever made the call hears of it; the next one follows in either case.
}

/** Topics are in a transaction to be written to. */
function writingTo(code: number) {
  return code === ErrorCode.TOPIC_AUTHORIZATION_FAILED ? { operation: 'WRITE' } : {}
}
