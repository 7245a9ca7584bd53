import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import {
  CreateTopics,
  DescribeTransactions,
  EndTxn,
  ErrorCode,
  InitProducerId,
  ListOffsets,
  Produce,
} from '@rivven/protocol'
import { nodeRuntime } from '@rivven/runtime'
import { Broker } from '../../../src/broker.js'
import type { BrokerNode, TopicImage } from '../../../src/cluster/image.js'
import type { PeerAccess, Peers } from '../../../src/cluster/peers/peers.js'
import { brokerConfig } from '../../../src/config/broker-config.js'
import { silentLog } from '../../../src/log-output.js'
import { memoryStorage } from '../../../src/open-storage.js'
import { nodeOf } from '../image-fixture.js'
import { peersOf, ToldCluster } from './peers-fixture.js'

const readCommitted = 1
const latest = -1

/** Broker 2 of a cluster: a real one, which broker 1 reaches over a socket. */
export class OtherBroker {
  readonly broker: Broker
  /** As broker 1 sees it: this one is in it. */
  readonly cluster = new ToldCluster()
  readonly peers: Peers

  private constructor(broker: Broker, access?: PeerAccess) {
    this.broker = broker
    this.peers = peersOf(this.cluster, access)
    this.show()
  }

  static async start(t: TestContext, values: Record<string, unknown> = {}, access?: PeerAccess): Promise<OtherBroker> {
    const runtime = nodeRuntime()
    const where = values.listeners === undefined && { listen: '127.0.0.1:0' }
    const settings = { node_id: 2, ...where, http: 'off', ...values }
    const config = brokerConfig([{ from: 'test', values: settings }])
    const broker = await Broker.start({ config, runtime, storage: memoryStorage(runtime), log: silentLog() })
    const other = new OtherBroker(broker, access)
    t.after(async () => {
      other.peers.close()
      await broker.close()
    })
    return other
  }

  get node(): BrokerNode {
    const addresses = this.broker.listeners.map(({ name, address }) => [name, address] as const)
    return nodeOf(2, { addresses: new Map(addresses) })
  }

  show(...topics: readonly TopicImage[]): void {
    this.cluster.show({ brokers: [nodeOf(1), this.node], topics })
  }

  /** Its id. */
  async createTopic(name: string, numPartitions = 1): Promise<string> {
    const topics = [{ name, numPartitions, replicationFactor: 1 }]
    const created = await this.peers.ask(2, 'questions', CreateTopics, { topics, timeoutMs: 1_000 })
    assert.equal(created.topics[0]?.errorCode, ErrorCode.NONE)
    return created.topics[0]?.topicId as string
  }

  async begin(transactionalId: string): Promise<{ producerId: number; producerEpoch: number }> {
    const asked = { transactionalId, transactionTimeoutMs: 60_000 }
    const { errorCode, producerId, producerEpoch } = await this.peers.ask(2, 'questions', InitProducerId, asked)
    assert.equal(errorCode, ErrorCode.NONE)
    return { producerId, producerEpoch }
  }

  /** The identity of its next transaction. */
  async abort(transactionalId: string, producer: { producerId: number; producerEpoch: number }) {
    const asked = { transactionalId, ...producer, committed: false }
    const { errorCode, producerId, producerEpoch } = await this.peers.ask(2, 'questions', EndTxn, asked)
    assert.equal(errorCode, ErrorCode.NONE)
    return { producerId, producerEpoch }
  }

  async append(topicId: string, index: number, records: Buffer, transactionalId: string | null): Promise<void> {
    const topicData = [{ topicId, partitionData: [{ index, records: [records] }] }]
    const asked = { transactionalId, acks: -1, timeoutMs: 1_000, topicData }
    const { responses } = await this.peers.ask(2, 'questions', Produce, asked)
    assert.equal(responses[0]?.partitionResponses[0]?.errorCode, ErrorCode.NONE)
  }

  /** Up to where records can be read outside of open transactions. */
  async stableEnd(name: string, partitionIndex = 0): Promise<number | undefined> {
    const topics = [{ name, partitions: [{ partitionIndex, timestamp: latest }] }]
    const found = await this.peers.ask(2, 'questions', ListOffsets, { isolationLevel: readCommitted, topics })
    return found.topics[0]?.partitions[0]?.offset
  }

  /** The state of a transaction that it coordinates, and what is in it. */
  async transaction(transactionalId: string): Promise<{ state: string; topics: readonly unknown[] }> {
    const asked = { transactionalIds: [transactionalId] }
    const { transactionStates } = await this.peers.ask(2, 'questions', DescribeTransactions, asked)
    const [{ transactionState: state, topics }] = transactionStates as [(typeof transactionStates)[number]]
    return { state, topics }
  }
}
