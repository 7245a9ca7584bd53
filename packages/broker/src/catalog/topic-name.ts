/** The stories of rebalances (our own; unknown to Kafka). */
export const rebalancesTopic = '__rivven_rebalances'

/** Topics that the broker keeps for itself. */
export const internalTopics: ReadonlySet<string> = new Set([
  '__consumer_offsets',
  '__transaction_state',
  '__share_group_state',
  rebalancesTopic,
])

const LONGEST_NAME = 249

/** Why this cannot be the name of a topic, as a sentence; undefined when it can. */
export function topicNameFault(name: string | null): string | undefined {
  if (!name) return 'A topic must have a name.'
  if (name === '.' || name === '..') return `A topic cannot be called '${name}'.`
  if (name.length > LONGEST_NAME) return `A topic's name has at most ${LONGEST_NAME} characters.`
  if (!/^[a-zA-Z0-9._-]+$/.test(name)) return "A topic's name has only letters, digits, '.', '_' and '-'."
  return undefined
}

/** Kafka's metrics cannot tell `a.b` from `a_b`, so it takes one of them only. */
export function collisionKey(name: string): string {
  return name.replaceAll('.', '_')
}
