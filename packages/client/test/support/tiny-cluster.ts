import type { FakeNetwork, ServerEnd } from '@rivven/fakes'
import {
  type Api,
  ApiVersions,
  allApis,
  apiByKey,
  batchBaseSequence,
  batchProducerEpoch,
  batchProducerId,
  batchRecordCount,
  contiguous,
  decodeRequest,
  decodeRequestHeader,
  ErrorCode,
  encodeResponse,
  GetTelemetrySubscriptions,
  InitProducerId,
  Metadata,
  Produce,
  type ProduceRequest,
  type RequestOf,
  type ResponseOf,
  readRecords,
} from '@rivven/protocol'

/** What a script may do with a request in place of answering it. */
export type Fate = 'answer' | 'close before' | 'close after' | 'silence'

export interface Asked {
  api: Api
  version: number
  request: unknown
  correlationId: number
  broker: number
  end: ServerEnd
}

interface Written {
  producerId: number
  epoch: number
  first: number
  last: number
  baseOffset: number
}

/** One partition as a broker keeps it, with Kafka's sequence checks. */
export class TinyPartition {
  readonly values: string[] = []
  #written: Written[] = []
  leaderEpoch = 0
  #leader: number

  constructor(leader: number) {
    this.#leader = leader
  }

  get leader(): number {
    return this.#leader
  }

  set leader(leader: number) {
    this.#leader = leader
    this.leaderEpoch++
  }

  append(batch: Buffer): { errorCode: number; baseOffset: number } {
    const [producerId, epoch] = [batchProducerId(batch), batchProducerEpoch(batch)]
    const first = batchBaseSequence(batch)
    const last = first + batchRecordCount(batch) - 1
    if (producerId >= 0) {
      const mine = this.#written.filter((written) => written.producerId === producerId)
      const same = mine
        .slice(-5)
        .find((written) => written.epoch === epoch && written.first === first && written.last === last)
      if (same) return { errorCode: ErrorCode.NONE, baseOffset: same.baseOffset }
      const latest = mine[mine.length - 1]
      if (latest && epoch < latest.epoch) return { errorCode: ErrorCode.INVALID_PRODUCER_EPOCH, baseOffset: -1 }
      const expected = latest === undefined ? first : epoch > latest.epoch ? 0 : latest.last + 1
      if (first !== expected) return { errorCode: ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER, baseOffset: -1 }
    }
    const baseOffset = this.values.length
    for (const record of readRecords(batch)) this.values.push(String(record.value))
    this.#written.push({ producerId, epoch, first, last, baseOffset })
    return { errorCode: ErrorCode.NONE, baseOffset }
  }
}

/** A cluster of brokers in memory, just large enough to produce to, whose faults are up to the test. */
export class TinyCluster {
  readonly topics = new Map<string, TinyPartition[]>()
  readonly asked: Asked[] = []
  /** Answers in place of the cluster's own. */
  readonly scripts: Map<Api, (asked: Asked) => unknown> = new Map()
  fate: (asked: Asked) => Fate = () => 'answer'
  /** The error of a partition in place of appending. */
  produceError: (topic: string, partition: number, batch: Buffer) => number = () => ErrorCode.NONE
  maxBatchBytes = 1_048_588
  /** Brokers that are no longer part of it: answers to Metadata do not name them. */
  readonly gone = new Set<number>()
  /** Brokers that are cut off from the others: what they tell of the cluster is as it was then. */
  readonly #cutOff = new Map<number, unknown>()
  /** Whether answers tell of a newer leader (Produce 10 and later). */
  givesHints = false
  /** The version of an answer, where it is not the request's. */
  answerVersion: (asked: Asked) => number = ({ version }) => version
  versions: (api: Api) => { min: number; max: number } = (api) => api.versions
  readonly #brokers: readonly number[]
  #nextProducerId = 1000

  constructor(network: FakeNetwork, brokers: number) {
    this.#brokers = Array.from({ length: brokers }, (_, id) => id)
    network.onConnect = (end) => {
      end.onFrame = (frame) => this.#take(frame, end)
    }
  }

  get bootstrapServers(): string {
    return 'broker-0:9000'
  }

  createTopic(name: string, partitions: number): TinyPartition[] {
    const made = Array.from({ length: partitions }, (_, index) => new TinyPartition(index % this.#brokers.length))
    this.topics.set(name, made)
    return made
  }

  requestsOf(api: Api): Asked[] {
    return this.asked.filter((asked) => asked.api === api)
  }

  #take(frame: Buffer, end: ServerEnd): void {
    const { apiKey, apiVersion: version, correlationId, bodyOffset } = decodeRequestHeader(frame)
    const api = apiByKey(apiKey)!
    const request = decodeRequest(api, version, frame, bodyOffset)
    const asked = { api, version, request, correlationId, broker: end.address.port - 9000, end }
    this.asked.push(asked)
    const fate = this.fate(asked)
    if (fate === 'close before') {
      end.close()
      return
    }
    const answer = (this.scripts.get(api) ?? ((asked: Asked) => this.#answer(asked)))(asked)
    if (fate === 'close after') {
      end.close()
      return
    }
    if (fate === 'silence' || answer === undefined) return
    this.reply(asked, answer)
  }

  /** From now on the broker hears nothing of the others. */
  cut(broker: number): void {
    this.#cutOff.set(broker, this.#metadata({ topics: null } as RequestOf<typeof Metadata>))
  }

  /** Answers a request, for scripts that have kept it waiting. */
  reply(asked: Asked, answer: unknown): void {
    const { api, correlationId, end } = asked
    end.send(contiguous(encodeResponse(api, this.answerVersion(asked), correlationId, answer as ResponseOf<Api>)))
  }

  #answer(asked: Asked): unknown {
    switch (asked.api) {
      case ApiVersions: {
        const apiKeys = allApis.map((api) => {
          const { min, max } = this.versions(api)
          return { apiKey: api.key, minVersion: min, maxVersion: max }
        })
        return { apiKeys }
      }
      case Metadata:
        return this.#cutOff.get(asked.broker) ?? this.#metadata(asked.request as RequestOf<typeof Metadata>)
      case InitProducerId:
        return { producerId: this.#nextProducerId++, producerEpoch: 0 }
      // It asks for nothing: consumers say nothing then.
      case GetTelemetrySubscriptions:
        return { pushIntervalMs: 300_000, requestedMetrics: [] }
      case Produce:
        return this.#produce(asked.request as ProduceRequest, asked.broker)
      default:
        throw new Error(`no script for ${asked.api.name}`)
    }
  }

  #metadata(request: RequestOf<typeof Metadata>) {
    const names = request.topics === null ? [...this.topics.keys()] : request.topics.map(({ name }) => name ?? '')
    return {
      brokers: this.#brokers
        .filter((nodeId) => !this.gone.has(nodeId))
        .map((nodeId) => ({ nodeId, host: `broker-${nodeId}`, port: 9000 + nodeId })),
      clusterId: 'tiny',
      controllerId: 0,
      topics: names.map((name) => {
        const partitions = this.topics.get(name)
        if (!partitions) return { name, errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, partitions: [] }
        return {
          name,
          partitions: partitions.map(({ leader, leaderEpoch }, partitionIndex) => {
            return { partitionIndex, leaderId: leader, leaderEpoch, replicaNodes: [leader], isrNodes: [leader] }
          }),
        }
      }),
    }
  }

  #produce(request: ProduceRequest, broker: number): unknown {
    const responses = request.topicData.map(({ name, partitionData }) => ({
      name,
      partitionResponses: partitionData.map(({ index, records }) => {
        const partition = this.topics.get(name)?.[index]
        const batch = contiguous(records)!
        const { errorCode, baseOffset } = this.#append(partition, broker, batch, this.produceError(name, index, batch))
        const isElsewhere = errorCode === ErrorCode.NOT_LEADER_OR_FOLLOWER && this.givesHints
        const currentLeader = isElsewhere && { leaderId: partition!.leader, leaderEpoch: partition!.leaderEpoch }
        return { index, errorCode, baseOffset, ...(currentLeader && { currentLeader }) }
      }),
    }))
    return request.acks === 0 ? undefined : { responses }
  }

  #append(partition: TinyPartition | undefined, broker: number, batch: Buffer, fault: number) {
    if (fault !== ErrorCode.NONE) return { errorCode: fault, baseOffset: -1 }
    if (!partition) return { errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, baseOffset: -1 }
    if (partition.leader !== broker) return { errorCode: ErrorCode.NOT_LEADER_OR_FOLLOWER, baseOffset: -1 }
    if (batch.length > this.maxBatchBytes) return { errorCode: ErrorCode.MESSAGE_TOO_LARGE, baseOffset: -1 }
    return partition.append(batch)
  }
}
