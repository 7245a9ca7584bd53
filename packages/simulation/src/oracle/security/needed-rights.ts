import type { Exchange } from '../../history/history.js'
import type { Resource } from './known-rights.js'

/** A right that an exchange needs, for all of it or a part. */
export interface Need {
  readonly resource: Resource
  /** The broker did something for which it is needed. */
  readonly isUsed: boolean
  /** The broker said that it is missing. */
  readonly isDenied: boolean
}

/** TOPIC_, GROUP_ and TRANSACTIONAL_ID_AUTHORIZATION_FAILED. */
const denials: Readonly<Record<string, number>> = { TOPIC: 29, GROUP: 30, TRANSACTIONAL_ID: 53 }

interface Part {
  readonly errorCode: number
}

/** Of an exchange that was answered. Later versions know topics by their ids only. */
export function neededRights({ api, request, response }: Exchange, nameOf: (topicId: string) => string): Need[] {
  switch (api.name) {
    case 'Produce':
      return [
        ...ofTopics('WRITE', response.responses, nameOf),
        ...ofTransaction(request.transactionalId, allParts(response.responses)),
      ]
    case 'Fetch':
      return response.responses.map((topic: FetchedTopic) => fetched(topic, nameOf))
    case 'JoinGroup':
    case 'SyncGroup':
    case 'Heartbeat':
      return [ofGroup(request.groupId, [response])]
    case 'OffsetCommit':
      return [ofGroup(request.groupId, allParts(response.topics)), ...ofTopics('READ', response.topics, nameOf)]
    case 'TxnOffsetCommit':
      return [
        ofGroup(request.groupId, allParts(response.topics)),
        ...ofTopics('READ', response.topics, nameOf),
        ...ofTransaction(request.transactionalId, allParts(response.topics)),
      ]
    case 'AddOffsetsToTxn':
      return [ofGroup(request.groupId, [response]), ...ofTransaction(request.transactionalId, [response])]
    case 'InitProducerId':
    case 'EndTxn':
      return ofTransaction(request.transactionalId, [response])
    default:
      return []
  }
}

interface AnsweredTopic {
  readonly name?: string
  readonly topicId?: string
  readonly partitions?: readonly Part[]
  readonly partitionResponses?: readonly Part[]
}

interface FetchedTopic {
  readonly topic: string
  readonly topicId: string
  readonly partitions: readonly { errorCode: number; records: { length: number } | null }[]
}

function need(resource: Resource, parts: readonly Part[]): Need {
  const denial = denials[resource.type]
  const isUsed = parts.some(({ errorCode }) => errorCode === 0)
  return { resource, isUsed, isDenied: parts.some(({ errorCode }) => errorCode === denial) }
}

function ofGroup(name: string, parts: readonly Part[]): Need {
  return need({ operation: 'READ', type: 'GROUP', name }, parts)
}

function ofTransaction(name: string | null, parts: readonly Part[]): Need[] {
  return name === null ? [] : [need({ operation: 'WRITE', type: 'TRANSACTIONAL_ID', name }, parts)]
}

function ofTopics(
  operation: 'READ' | 'WRITE',
  topics: readonly AnsweredTopic[],
  nameOf: (topicId: string) => string,
): Need[] {
  return topics.map((topic) => {
    const name = topic.name || nameOf(topic.topicId ?? '')
    return need({ operation, type: 'TOPIC', name }, allParts([topic]))
  })
}

function allParts(topics: readonly AnsweredTopic[]): Part[] {
  return topics.flatMap(({ partitions, partitionResponses }) => [...(partitions ?? partitionResponses ?? [])])
}

/** What counts are records. */
function fetched({ topic, topicId, partitions }: FetchedTopic, nameOf: (topicId: string) => string): Need {
  const resource: Resource = { operation: 'READ', type: 'TOPIC', name: topic || nameOf(topicId) }
  return { ...need(resource, partitions), isUsed: partitions.some(({ records }) => (records?.length ?? 0) > 0) }
}
