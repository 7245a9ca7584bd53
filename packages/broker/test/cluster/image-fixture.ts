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
