import type { Attributes } from '@opentelemetry/api'

/** Of the conventions for messaging (status: development) that the names below are from. */
export const SEMANTIC_CONVENTIONS = '1.37.0'

export const schemaUrl = `https://opentelemetry.io/schemas/${SEMANTIC_CONVENTIONS}`

/** What a client does, as `messaging.operation.type` and `.name` have it. */
export const operations = {
  send: { type: 'send', name: 'send' },
  poll: { type: 'receive', name: 'poll' },
  process: { type: 'process', name: 'process' },
  commit: { type: 'settle', name: 'commit' },
} as const

export type Operation = keyof typeof operations

interface Place {
  readonly topic: string
  readonly partition?: number | undefined
}

/** The topic and the partition that all of these have in common, as far as there is one. */
export function commonPlace(places: readonly Place[]): { topic?: string; partition?: number } {
  const [first] = places
  if (!first || places.some(({ topic }) => topic !== first.topic)) return {}
  const { topic, partition } = first
  return partition !== undefined && places.every((place) => place.partition === partition)
    ? { topic, partition }
    : { topic }
}

/** `send orders`; without the topic where it is about several. */
export function spanName(operation: Operation, topic: string | undefined): string {
  return topic === undefined ? operation : `${operation} ${topic}`
}

/** What spans and metrics have alike. */
export function commonAttributes(operation: Operation, topic: string | undefined, groupId: string | null): Attributes {
  return {
    'messaging.system': 'kafka',
    'messaging.operation.name': operations[operation].name,
    'messaging.operation.type': operations[operation].type,
    ...(topic !== undefined && { 'messaging.destination.name': topic }),
    ...(groupId !== null && { 'messaging.consumer.group.name': groupId }),
  }
}

export function partitionAttributes(partition: number | undefined): Attributes {
  return partition === undefined ? {} : { 'messaging.destination.partition.id': String(partition) }
}

export function serverAttributes(server: { host: string; port: number } | undefined): Attributes {
  return server === undefined ? {} : { 'server.address': server.host, 'server.port': server.port }
}

/** Of one record: `key` only where it is text and wanted. */
export function recordAttributes(
  { key, value }: { key?: Uint8Array | string | null | undefined; value: unknown },
  withKey: boolean,
): Attributes {
  const text = withKey && key !== null && key !== undefined ? textOf(key) : undefined
  return {
    ...(text !== undefined && { 'messaging.kafka.message.key': text }),
    ...(value === null && { 'messaging.kafka.message.tombstone': true }),
  }
}

export function errorType(error: unknown): string {
  const { code, name } = Object(error) as { code?: unknown; name?: unknown }
  return typeof code === 'string' ? code : typeof name === 'string' ? name : '_OTHER'
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true })

function textOf(bytes: Uint8Array | string): string | undefined {
  if (typeof bytes === 'string') return bytes
  try {
    return strictUtf8.decode(bytes)
  } catch {
    return undefined
  }
}
