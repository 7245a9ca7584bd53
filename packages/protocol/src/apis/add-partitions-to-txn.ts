import { api, array, bool, int16, int32, int64, type RequestOf, type ResponseOf, string, structs } from '../schema.js'

const topics = { name: string(), partitions: array(int32()) }
const topicResults = {
  name: string(),
  resultsByPartition: structs({ partitionIndex: int32(), partitionErrorCode: int16() }),
}

/** Versions 4 and up are for brokers that ask for several transactions at once (KIP-890). */
export const AddPartitionsToTxn = api({
  key: 24,
  name: 'AddPartitionsToTxn',
  versions: '0-5',
  flexible: '3+',
  request: {
    transactions: structs(
      {
        transactionalId: string(),
        producerId: int64(),
        producerEpoch: int16(),
        verifyOnly: bool(),
        topics: structs(topics),
      },
      { versions: '4+' },
    ),
    v3AndBelowTransactionalId: string({ versions: '0-3' }),
    v3AndBelowProducerId: int64({ versions: '0-3' }),
    v3AndBelowProducerEpoch: int16({ versions: '0-3' }),
    v3AndBelowTopics: structs(topics, { versions: '0-3' }),
  },
  response: {
    throttleTimeMs: int32(),
    errorCode: int16({ versions: '4+' }),
    resultsByTransaction: structs(
      { transactionalId: string(), topicResults: structs(topicResults) },
      { versions: '4+' },
    ),
    resultsByTopicV3AndBelow: structs(topicResults, { versions: '0-3' }),
  },
})
export type AddPartitionsToTxnRequest = RequestOf<typeof AddPartitionsToTxn>
export type AddPartitionsToTxnResponse = ResponseOf<typeof AddPartitionsToTxn>
