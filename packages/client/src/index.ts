export {
  CommitFailedError,
  type ErrorDetails,
  type ErrorFacts,
  FencedError,
  RebalanceInProgressError,
  RecordTooLargeError,
  RivvenError,
} from './errors.js'
export { Cluster, type RequestFor, type SendOptions } from './net/cluster.js'
export type { BrokerNode, ClusterImage, PartitionImage, TopicImage } from './net/cluster-image.js'
export type { ClusterOptions } from './options.js'
