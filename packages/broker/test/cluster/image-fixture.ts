import { ClusterCounts } from '../../src/cluster/cluster-counts.js'
import { type BrokerNode, type ClusterImage, emptyImage, type TopicImage } from '../../src/cluster/image.js'

/** An image of these brokers and topics. */
export function imageOf(
  parts: { readonly brokers?: readonly BrokerNode[]; readonly topics?: readonly TopicImage[] },
  version = 1,
): ClusterImage {
  const { brokers = [], topics = [] } = parts
  return {
    ...emptyImage,
    version,
    brokers: new Map(brokers.map((node) => [node.id, node])),
    topics: new Map(topics.map((topic) => [topic.name, topic])),
  }
}

/** A broker that is reached at `broker-N:9092` over the listener PLAINTEXT. */
export function nodeOf(id: number, changes: Partial<BrokerNode> = {}): BrokerNode {
  const addresses = new Map([['PLAINTEXT', { host: `broker-${id}`, port: 9092 }]])
  return { id, incarnation: 1, addresses, rack: null, isDraining: false, ...changes }
}

/** What handlers ask of a cluster of broker 1 alone, which has no topics. */
export const clusterOfOne = {
  brokerId: 1,
  controllerEpoch: 0,
  isServing: true,
  leaseAgeMs: null,
  counts: new ClusterCounts(),
  image: imageOf({ brokers: [nodeOf(1)] }),
}
