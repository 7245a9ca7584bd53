// Hot path: counted for every request and read of a socket; plain fields (a counter of prom-client costs 115-165 ns).
import { Fetch, ListOffsets, Metadata, OffsetCommit, ownApis, Produce } from '@rivven/protocol'
import { LabelledCounts } from './labelled-counts.js'

const firstOwnKey = Math.min(...ownApis.map(({ key }) => key))

interface WithError {
  readonly errorCode?: number
}

/** What went over the sockets since the start. All but `openConnections` only go up. */
export class Traffic {
  /** When the first certificate of each listener with TLS is over, in ms since 1970. */
  readonly certificateExpiries = new Map<string, number>()
  connections = 0
  /** By name of the listener. */
  readonly openConnections = new Map<string, number>()
  readonly handshakes = new LabelledCounts<'listener' | 'outcome'>()
  bytesIn = 0
  bytesOut = 0
  /** Answered (or, with acks 0, done) requests by api key. */
  readonly requests: number[] = []
  /** The same of APIs that Kafka does not have: their keys would make the array a sparse one. */
  readonly ownRequests = new Map<number, number>()
  /** Errors in answers, api key -> error code -> how often: one for each topic, partition or request that has it. */
  readonly errors = new Map<number, Map<number, number>>()

  opened(listener: string): void {
    this.openConnections.set(listener, (this.openConnections.get(listener) ?? 0) + 1)
  }

  closed(listener: string): void {
    this.openConnections.set(listener, (this.openConnections.get(listener) ?? 0) - 1)
  }

  answered(apiKey: number, answer: unknown): void {
    if (apiKey >= firstOwnKey) {
      this.ownRequests.set(apiKey, (this.ownRequests.get(apiKey) ?? 0) + 1)
      return
    }
    this.requests[apiKey] = (this.requests[apiKey] ?? 0) + 1
    if (answer === null) return
    const { errorCode } = answer as WithError
    if (errorCode) this.#erred(apiKey, errorCode)
    switch (apiKey) {
      case Produce.key:
        for (const { partitionResponses } of listOf(answer, 'responses')) this.#look(apiKey, partitionResponses)
        break
      case Fetch.key:
        for (const { partitions } of listOf(answer, 'responses')) this.#look(apiKey, partitions)
        break
      case OffsetCommit.key:
      case ListOffsets.key:
        for (const { partitions } of listOf(answer, 'topics')) this.#look(apiKey, partitions)
        break
      case Metadata.key:
        this.#look(apiKey, listOf(answer, 'topics'))
        break
    }
  }

  #look(apiKey: number, parts: readonly WithError[] | undefined): void {
    if (!parts) return
    for (const { errorCode } of parts) if (errorCode) this.#erred(apiKey, errorCode)
  }

  #erred(apiKey: number, errorCode: number): void {
    let counts = this.errors.get(apiKey)
    if (!counts) {
      counts = new Map()
      this.errors.set(apiKey, counts)
    }
    counts.set(errorCode, (counts.get(errorCode) ?? 0) + 1)
  }
}

type Part = WithError & { readonly partitionResponses?: WithError[]; readonly partitions?: WithError[] }

function listOf(answer: unknown, name: 'responses' | 'topics'): readonly Part[] {
  return (answer as Partial<Record<typeof name, Part[]>>)[name] ?? []
}
