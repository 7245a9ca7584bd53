import { type Group, type Member, subscribedTopics } from '@rivven/groups'

/** What a member subscribes to; null: not of consumers, or not readable. */
export function topicsOf({ protocolType, protocolName }: Group, member: Member): readonly string[] | null {
  if (protocolType !== 'consumer') return null
  const protocol = member.protocols.find(({ name }) => name === protocolName) ?? member.protocols[0]
  return protocol ? subscribedTopics(protocol.metadata) : null
}
