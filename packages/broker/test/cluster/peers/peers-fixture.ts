import { type Clock, nodeClock, nodeRuntime } from '@rivven/runtime'
import { type BrokerNode, type ClusterImage, emptyImage, type TopicImage } from '../../../src/cluster/image.js'
import { type PeerAccess, Peers } from '../../../src/cluster/peers/peers.js'
import { silentLog } from '../../../src/log-output.js'
import { clusterOfOne, imageOf } from '../image-fixture.js'

type Listener = (now: ClusterImage, before: ClusterImage) => void

/** What broker 1 knows of its cluster, as the test says. */
export class ToldCluster {
  readonly brokerId = 1
  isServing = true
  image: ClusterImage = emptyImage
  readonly #listeners = new Set<Listener>()

  onChange(listener: Listener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  show(parts: { readonly brokers?: readonly BrokerNode[]; readonly topics?: readonly TopicImage[] }): void {
    const before = this.image
    this.image = imageOf(parts, before.version + 1)
    for (const listener of this.#listeners) listener(this.image, before)
  }
}

/** The peers of broker 1, over the sockets of this machine. */
export function peersOf(
  cluster: ToldCluster,
  access: PeerAccess = { listener: 'PLAINTEXT' },
  clock: Clock = nodeClock,
): Peers {
  return new Peers({ runtime: { ...nodeRuntime(), clock }, cluster, access, log: silentLog() })
}

/** For whoever has no peer to ask. */
export function noPeers(): Peers {
  const cluster = { ...clusterOfOne, onChange: () => () => undefined }
  return new Peers({ runtime: nodeRuntime(), cluster, access: { listener: 'PLAINTEXT' }, log: silentLog() })
}

/** A topic whose partitions are led by these brokers. */
export function topicLedBy(name: string, ...leaders: readonly (number | null)[]): TopicImage {
  return { name, id: `id of ${name}`, partitions: leaders.map((leader) => ({ partId: 0, leader, epoch: 1 })) }
}
