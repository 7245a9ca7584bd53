import type { Cluster } from '@rivven/client'
import { AddOffsetsToTxn, AddPartitionsToTxn, EndTxn } from '@rivven/protocol'
import type { History } from '../history/history.js'
import type { LyingProducerPlan } from '../plan/plan.js'
import type { SeededRandom } from '../world/seeded-random.js'
import { type OverheardEpoch, OverheardEpochs } from './overheard-epochs.js'

/** Speaks for the transactions of others, in epochs that they do not have any more. */
export class TransactionLies {
  readonly #about: NonNullable<LyingProducerPlan['transactions']>
  readonly #random: SeededRandom
  readonly #overheard = new OverheardEpochs()

  constructor(about: NonNullable<LyingProducerPlan['transactions']>, history: History, random: SeededRandom) {
    this.#about = about
    this.#random = random
    history.watch(this.#overheard)
  }

  async tell(cluster: Cluster): Promise<void> {
    const isEnd = this.#random.chance(1 / 3)
    // The epoch before the newest one may ask again for the end that took it away: that would be no lie.
    const former = this.#overheard.former(isEnd ? 2 : 1)
    if (former.length === 0) return
    const epoch = this.#random.pick(former)
    const broker = await cluster.coordinator(epoch.transactionalId, 'transaction')
    await (isEnd ? this.#end(cluster, broker, epoch) : this.#add(cluster, broker, epoch))
  }

  /** The first protocol: the second one has reasons of its own to take what comes late. */
  async #end(cluster: Cluster, broker: number, epoch: OverheardEpoch): Promise<void> {
    await cluster.send(broker, EndTxn, { ...epoch, committed: this.#random.chance(0.5) }, { maxVersion: 4 })
  }

  async #add(cluster: Cluster, broker: number, epoch: OverheardEpoch): Promise<void> {
    const { group: groupId, topic } = this.#about
    if (this.#random.chance(0.5)) await cluster.send(broker, AddOffsetsToTxn, { ...epoch, groupId })
    else await cluster.send(broker, AddPartitionsToTxn, partitionAddition(epoch, topic), { maxVersion: 3 })
  }
}

/** As clients ask; later versions are for brokers. */
function partitionAddition({ transactionalId, producerId, producerEpoch }: OverheardEpoch, topic: string) {
  return {
    v3AndBelowTransactionalId: transactionalId,
    v3AndBelowProducerId: producerId,
    v3AndBelowProducerEpoch: producerEpoch,
    v3AndBelowTopics: [{ name: topic, partitions: [0] }],
  }
}
