import type { MemberFact } from '../facts/any-broker-facts.js'

/** Clients whose settings are known here, by the names that they give themselves (KIP-511); kafkajs gives none. */
export const clientKinds = ['rivven', 'apache-kafka-java', 'librdkafka', 'kafkajs'] as const
export type ClientKind = (typeof clientKinds)[number]

/** What tells which client a member uses. */
export type ClientSigns = Pick<MemberFact, 'clientId'> & { readonly software?: string | null | undefined }

/** Undefined: it cannot be told, or nothing is known here of this client. */
export function kindOf({ software, clientId }: ClientSigns): ClientKind | undefined {
  if (software === undefined) return kindByClientId(clientId)
  if (software === null || software === '') return 'kafkajs'
  if (/rdkafka|^confluent-kafka-/.test(software)) return 'librdkafka'
  return clientKinds.find((kind) => kind === software)
}

/** As clients call themselves where nobody has given them a name. */
function kindByClientId(clientId: string): ClientKind | undefined {
  if (/^consumer-.*\d$/.test(clientId)) return 'apache-kafka-java'
  return { rivven: 'rivven', rdkafka: 'librdkafka', kafkajs: 'kafkajs' }[clientId] as ClientKind | undefined
}

/** The clients that members use; all, where that is not known of one of them. */
export function kindsOf(members: readonly ClientSigns[]): readonly ClientKind[] {
  const kinds = new Set(members.map(kindOf))
  const isKnown = members.every(({ software }, at) => software !== undefined || kindOf(members[at]!) !== undefined)
  return clientKinds.filter((kind) => !isKnown || kinds.has(kind))
}
