import { ErrorCode, WriteTxnMarkers, type WriteTxnMarkersRequest, type WriteTxnMarkersResponse } from '@rivven/protocol'
import { type BrokerServices, handler, type RequestContext } from '../handler.js'
import { clusterDenial, mayOnCluster } from '../rights/denial.js'

/** For coordinators at other brokers, and for operators that end what hangs in a partition. */
export const handleWriteTxnMarkers = handler(WriteTxnMarkers, writeMarkers, { overlaps: true })

async function writeMarkers(
  request: WriteTxnMarkersRequest,
  { catalog, transactions }: BrokerServices,
  context: RequestContext,
): Promise<WriteTxnMarkersResponse> {
  const denied = mayOnCluster(context, 'ALTER') ? ErrorCode.NONE : clusterDenial(context, 'CLUSTER_ACTION')
  const write = async (marker: (typeof request.markers)[number], topic: string, partitionIndex: number) => {
    if (denied !== ErrorCode.NONE) return { partitionIndex, errorCode: denied }
    const count = catalog.topic(topic)?.partitionCount ?? 0
    if (partitionIndex < 0 || partitionIndex >= count) {
      return { partitionIndex, errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION }
    }
    const { producerId, producerEpoch, coordinatorEpoch, transactionVersion } = marker
    const end = { producerId, producerEpoch, coordinatorEpoch, transactionVersion, committed: marker.transactionResult }
    return { partitionIndex, errorCode: await transactions.markers.led.write(end, topic, partitionIndex) }
  }
  const markers = request.markers.map(async (marker) => {
    const topics = marker.topics.map(async ({ name, partitionIndexes }) => ({
      name,
      partitions: await Promise.all(partitionIndexes.map((index) => write(marker, name, index))),
    }))
    return { producerId: marker.producerId, topics: await Promise.all(topics) }
  })
  return { markers: await Promise.all(markers) }
}
