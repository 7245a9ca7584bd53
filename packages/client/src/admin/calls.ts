import type { Outgoing } from '@rivven/link'
import { type ErrorFacts, errorFromCode, isRetriable, RivvenError } from '@rivven/link'
import { type Api, ErrorCode, errorOf, type ResponseOf } from '@rivven/protocol'
import type { Cluster, RequestFor } from '../net/cluster.js'
import type { CoordinatorType } from '../net/coordinators.js'

/** Several resources of one call failed; each has its own error. `code` is that of the first. */
export class SeveralFailedError extends RivvenError {
  readonly errors: readonly RivvenError[]

  constructor(errors: readonly RivvenError[]) {
    const first = errors[0]!
    const message = `${errors.length} failed: ${errors.map((error) => error.message).join(' ')}`
    super(first.code, message, { retriable: errors.every(isRetriable), cause: first, errorCode: first.errorCode })
    this.errors = errors
  }
}

/** The result of one resource in an answer. */
export interface Outcome {
  errorCode: number
  errorMessage?: string | null
}

/** Makes the error of one resource, with what the broker said about it. */
export function resourceError(
  outcome: Outcome,
  what: string,
  facts: ErrorFacts,
  retriable = isRetriableCode(outcome.errorCode),
): RivvenError {
  const said = outcome.errorMessage
  const hint = said ? { hint: `The broker says: ${said}${/[.!?]$/.test(said) ? '' : '.'}` } : {}
  return errorFromCode(outcome.errorCode, what, { facts, retriable, ...hint })
}

/** Throws when there are errors: one as it is, several as one. */
export function throwAny(errors: readonly RivvenError[]): void {
  if (errors.length === 1) throw errors[0]
  if (errors.length > 1) throw new SeveralFailedError(errors)
}

/** Throws the errors of all results that failed. */
export function throwFailures<R extends Outcome>(
  results: readonly R[],
  describe: (result: R) => { what: string; facts: ErrorFacts },
): void {
  const failed = results.filter(({ errorCode }) => errorCode !== ErrorCode.NONE)
  throwAny(
    failed.map((result) => {
      const { what, facts } = describe(result)
      return resourceError(result, what, facts)
    }),
  )
}

/** How the parts of Admin speak to a cluster: to its controller, to coordinators, with retries. */
export class AdminCalls {
  readonly cluster: Cluster
  /** For a whole call, retries included. */
  readonly timeoutMs: number

  constructor(cluster: Cluster, timeoutMs: number) {
    this.cluster = cluster
    this.timeoutMs = timeoutMs
  }

  /** The same with another limit. */
  within(timeoutMs: number): AdminCalls {
    return new AdminCalls(this.cluster, timeoutMs)
  }

  /** Before it tries again after a connection that failed it looks whether brokers have moved. */
  retrying<T>(what: string, attempt: () => Promise<T>): Promise<T> {
    let isLost = false
    const lookAndTry = async () => {
      if (isLost) await this.cluster.refresh()
      isLost = false
      try {
        return await attempt()
      } catch (error) {
        isLost = isConnectionError(error)
        throw error
      }
    }
    return this.cluster.retrying(what, lookAndTry, { timeoutMs: this.timeoutMs })
  }

  /** Sends a request to the controller, again when it turns out that another broker is; `codes` finds the answer's errors. */
  toController<A extends Api>(
    api: A,
    request: RequestFor<A>,
    codes: (answer: ResponseOf<A>) => readonly number[],
  ): Promise<ResponseOf<A>> {
    return this.retrying(api.name, async () => {
      const image = await this.cluster.metadata([])
      const controller = image.brokers.has(image.controllerId) ? image.controllerId : 'any'
      const answer = await this.cluster.send(controller, api, request)
      if (!codes(answer).includes(ErrorCode.NOT_CONTROLLER)) return answer
      await this.cluster.metadata([], { isFresh: true })
      throw errorFromCode(ErrorCode.NOT_CONTROLLER, api.name)
    })
  }

  /** Sends a request to a group's coordinator, again as long as it moves or loads. `codes` finds the answer's errors. */
  toCoordinator<A extends Api>(
    group: string,
    api: A,
    request: RequestFor<A>,
    codes: (answer: ResponseOf<A>) => readonly number[],
    maxVersion?: number,
  ): Promise<ResponseOf<A>> {
    const facts = { group }
    return this.#toCoordinator({ key: group, type: 'group', facts }, api, request, codes, maxVersion)
  }

  /** The same with the coordinator of a transactional id. */
  toTransactionCoordinator<A extends Api>(
    transactionalId: string,
    api: A,
    request: RequestFor<A>,
    codes: (answer: ResponseOf<A>) => readonly number[],
  ): Promise<ResponseOf<A>> {
    const facts = { transactionalId }
    return this.#toCoordinator({ key: transactionalId, type: 'transaction', facts }, api, request, codes)
  }

  #toCoordinator<A extends Api>(
    { key, type, facts }: { key: string; type: CoordinatorType; facts: ErrorFacts },
    api: A,
    request: RequestFor<A>,
    codes: (answer: ResponseOf<A>) => readonly number[],
    maxVersion?: number,
  ): Promise<ResponseOf<A>> {
    const what = `${api.name} of ${type} ${key}`
    return this.retrying(what, async () => {
      const broker = await this.cluster.coordinator(key, type)
      try {
        const answer = await this.cluster.send(broker, api, request, { maxVersion })
        const moved = codes(answer).find(isCoordinatorProblem)
        if (moved !== undefined) throw errorFromCode(moved, what, { facts: { ...facts, broker } })
        return answer
      } catch (error) {
        if (isRetriable(error)) this.cluster.forgetCoordinator(key, type)
        throw error
      }
    })
  }
}

function isConnectionError(error: unknown): boolean {
  return error instanceof RivvenError && (error.code === 'CONNECTION_FAILED' || error.code === 'CONNECTION_CLOSED')
}

function isCoordinatorProblem(code: number): boolean {
  return (
    code === ErrorCode.NOT_COORDINATOR ||
    code === ErrorCode.COORDINATOR_NOT_AVAILABLE ||
    code === ErrorCode.COORDINATOR_LOAD_IN_PROGRESS
  )
}

/** Groups a list by a key, in the order of first appearance. */
export function groupBy<T, K>(items: readonly T[], keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>()
  for (const item of items) {
    const key = keyOf(item)
    const group = groups.get(key)
    if (group) group.push(item)
    else groups.set(key, [item])
  }
  return groups
}

/** The request with the fields that are given; the encoder fills in Kafka's defaults. */
export function asRequest<A extends Api>(_api: A, fields: Outgoing<A>): Outgoing<A> {
  return fields
}

export function isRetriableCode(code: number): boolean {
  return errorOf(code).retriable
}
