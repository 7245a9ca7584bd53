import { backoff } from '@rivven/link'
import type { ProduceResponse } from '@rivven/protocol'
import type { Timer } from '@rivven/runtime'
import type { Cluster } from '../net/cluster.js'
import type { PartitionQueue } from './partition-queue.js'
import type { PartitionAnswer } from './produce-request.js'

/** Queues that wait for a leader: for any, or for a while, for another than failed. And what answers tell about leaders. */
export class LeaderWait {
  readonly #cluster: Cluster
  readonly #wake: (queue: PartitionQueue) => void
  readonly #waiting = new Set<PartitionQueue>()
  readonly #resting = new Map<PartitionQueue, Timer>()
  readonly #stopListening: () => void
  #isClosed = false

  constructor(cluster: Cluster, wake: (queue: PartitionQueue) => void) {
    this.#cluster = cluster
    this.#wake = wake
    this.#stopListening = cluster.onImage(() => this.#findLeaders())
  }

  /** Wakes the queue when its partition has a leader. */
  add(queue: PartitionQueue): void {
    if (this.#waiting.has(queue)) return
    this.#waiting.add(queue)
    const { clock, random } = this.#cluster.runtime
    const pause = backoff(++queue.failures, { random, backoffMs: this.#cluster.retryBackoffMs })
    clock.setTimer(pause, () => {
      if (this.#waiting.has(queue) && !this.#isClosed) {
        this.#waiting.delete(queue)
        if (!queue.isEmpty) this.#wake(queue)
      }
    })
    this.refresh()
  }

  /**
   * Lets the partition rest after its leader failed: so many milliseconds, or until it is known to have another. One that rests already
   * rests for the longer of both: in the very moment in which a rest ends another attempt may fail, and would be followed by the next at once.
   */
  rest(queue: PartitionQueue, pauseMs: number): void {
    const { clock } = this.#cluster.runtime
    const until = clock.monotonic() + pauseMs
    if (this.#resting.has(queue) && until <= queue.pausedUntil) return
    this.#resting.get(queue)?.cancel()
    queue.pausedUntil = until
    this.#resting.set(
      queue,
      clock.setTimer(pauseMs, () => this.#rested(queue)),
    )
  }

  /** Many failures in a row share one Metadata request; when it fails, the next failure asks again. */
  refresh(): void {
    this.#cluster.refresh().catch(() => this.#findLeaders())
  }

  /** Whether the answer told of a newer leader, so that there is nothing to wait for. */
  takeHint({ topic, partition }: PartitionQueue, answer: PartitionAnswer, whole: ProduceResponse): boolean {
    const { leaderId: leader, leaderEpoch } = answer.currentLeader
    const before = this.#cluster.leaderOf(topic, partition)
    const node = whole.nodeEndpoints.find(({ nodeId }) => nodeId === leader)
    this.#cluster.hintLeader({ topic, partition, leader, leaderEpoch }, node)
    return this.#cluster.leaderOf(topic, partition) !== before
  }

  close(): void {
    this.#isClosed = true
    this.#stopListening()
  }

  #findLeaders(): void {
    for (const queue of [...this.#waiting]) {
      if (this.#cluster.leaderOf(queue.topic, queue.partition) === undefined) continue
      this.#waiting.delete(queue)
      this.#wake(queue)
    }
    for (const queue of [...this.#resting.keys()]) {
      const leader = this.#cluster.leaderOf(queue.topic, queue.partition)
      if (leader !== undefined && leader !== queue.broker) this.#rested(queue)
    }
  }

  #rested(queue: PartitionQueue): void {
    this.#resting.get(queue)?.cancel()
    this.#resting.delete(queue)
    queue.pausedUntil = 0
    this.#wake(queue)
  }
}
