import type { Json } from '../conversation.js'

/** The recorded broker: the only one. */
const ID = 1
const PORT = 39_092

const ids = new Set(['leaderId', 'nodeId', 'brokerId', 'controllerId'])
const lists = new Set(['brokers', 'nodeEndpoints'])
const replicas = new Set(['replicaNodes', 'isrNodes'])

/** An answer as it would be if all brokers that it names were one. */
export function asOneBroker(answer: Json): Json {
  if (Array.isArray(answer)) return answer.map(asOneBroker)
  if (answer === null || typeof answer !== 'object') return answer
  return Object.fromEntries(Object.entries(answer).map(([name, value]) => [name, fieldOf(name, value)]))
}

function fieldOf(name: string, value: Json): Json {
  if (Array.isArray(value)) {
    if (lists.has(name)) return value.slice(0, 1).map(asOneBroker)
    return replicas.has(name) ? value.map(() => ID) : value.map(asOneBroker)
  }
  if (typeof value !== 'number' || value <= 0) return asOneBroker(value)
  if (name === 'port') return PORT
  return ids.has(name) ? ID : value
}
