import { AddPartitionsToTxn, type AddPartitionsToTxnRequest, ErrorCode } from '@rivven/protocol'
import {
  type AddPartitions,
  type AddPartitionsResult,
  addPartitionsRefusal,
  unaddableResult,
} from '@rivven/transactions'
import { askInTurns } from '../../breath.js'
import type { Catalog } from '../../catalog/catalog.js'
import { type Answer, type BrokerServices, handler, type RequestContext } from '../handler.js'
import { denial, mayOnCluster } from '../rights/denial.js'

/** Before this version there is one transaction, and the request comes from its producer. */
const firstVersionWithMany = 4

export const handleAddPartitionsToTxn = handler(AddPartitionsToTxn, addAll, { overlaps: true })

async function addAll(
  request: AddPartitionsToTxnRequest,
  services: BrokerServices,
  context: RequestContext,
): Promise<Answer<typeof AddPartitionsToTxn>> {
  const asked = context.apiVersion < firstVersionWithMany ? [onlyTransaction(request)] : request.transactions
  const { clock } = services.runtime
  const results = await askInTurns(asked, clock, (transaction) => add(transaction, services, context))
  const resultsByTopicV3AndBelow = results[0]?.topicResults ?? []
  return { errorCode: ErrorCode.NONE, resultsByTransaction: results, resultsByTopicV3AndBelow }
}

function onlyTransaction(request: AddPartitionsToTxnRequest): AddPartitions {
  return {
    transactionalId: request.v3AndBelowTransactionalId,
    producerId: request.v3AndBelowProducerId,
    producerEpoch: request.v3AndBelowProducerEpoch,
    verifyOnly: false,
    topics: request.v3AndBelowTopics,
  }
}

function add(
  asked: AddPartitions,
  { catalog, transactions }: BrokerServices,
  context: RequestContext,
): AddPartitionsResult | Promise<AddPartitionsResult> {
  // Kafka takes later versions from brokers only; several clients send them (data-plane.md §5), and are checked as before.
  const isOfBroker = context.apiVersion >= firstVersionWithMany && mayOnCluster(context, 'CLUSTER_ACTION')
  const denied = isOfBroker ? ErrorCode.NONE : denial(context, 'WRITE', 'TRANSACTIONAL_ID', asked.transactionalId)
  if (denied !== ErrorCode.NONE) return addPartitionsRefusal(asked, denied)
  if (asked.transactionalId === '') return addPartitionsRefusal(asked, ErrorCode.INVALID_REQUEST)
  const unaddable = unaddableResult(asked, (topic, partition) => {
    const topicDenied = isOfBroker ? ErrorCode.NONE : denial(context, 'WRITE', 'TOPIC', topic)
    return (
      topicDenied || faultOf(catalog, { topic, partition, isOfProducer: context.apiVersion < firstVersionWithMany })
    )
  })
  return unaddable ?? transactions.addPartitions(asked, context)
}

/** A producer may not write to the broker's own topics, whatever it names (transactions.md §6). */
function faultOf(
  catalog: Catalog,
  { topic, partition, isOfProducer }: { topic: string; partition: number; isOfProducer: boolean },
): number {
  const found = catalog.topic(topic)
  if (isOfProducer && found?.isInternal) return ErrorCode.TOPIC_AUTHORIZATION_FAILED
  const exists = found !== undefined && partition >= 0 && partition < found.partitionCount
  return exists ? ErrorCode.NONE : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
}
