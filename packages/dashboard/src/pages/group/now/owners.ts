import type { ApiAnswers } from '@rivven/broker'

/** One partition of a group: who owns it, and how far it is behind. */
export interface OwnedPartition {
  readonly key: string
  readonly topic: string
  readonly partition: number
  /** Id of the member; null: nobody owns it. */
  readonly owner: string | null
  /** Null: nothing is committed there. */
  readonly offset: ApiAnswers.GroupOffset | null
  /** Null: not known yet. */
  readonly lag: ApiAnswers.LagRow | null
}

export function keyOfPartition({ topic, partition }: { topic: string; partition: number }): string {
  return `${topic}/${partition}`
}

/** All partitions that a member owns or the group has committed, by topic and partition. */
export function ownedPartitions(
  { members, offsets }: Pick<ApiAnswers.GroupPage, 'members' | 'offsets'>,
  lags: readonly ApiAnswers.LagRow[],
): OwnedPartition[] {
  const found = new Map<string, { topic: string; partition: number; owner: string | null }>()
  for (const { topic, partition } of [...offsets, ...lags])
    found.set(keyOfPartition({ topic, partition }), { topic, partition, owner: null })
  for (const { memberId, assignment } of members) {
    for (const { topic, partitions } of assignment ?? []) {
      for (const partition of partitions)
        found.set(keyOfPartition({ topic, partition }), { topic, partition, owner: memberId })
    }
  }
  const offsetOf = new Map(offsets.map((offset) => [keyOfPartition(offset), offset]))
  const lagOf = new Map(lags.map((row) => [keyOfPartition(row), row]))
  return [...found]
    .map(([key, known]) => ({ key, ...known, offset: offsetOf.get(key) ?? null, lag: lagOf.get(key) ?? null }))
    .sort((a, b) => (a.topic === b.topic ? a.partition - b.partition : a.topic < b.topic ? -1 : 1))
}

/** An id as one can read it, where no more is known of its member: the first digits of the UUID tell members apart. */
export function ownerLabel(id: string): string {
  return id.replace(/-([0-9a-f]{6})[0-9a-f]{2}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i, ' $1')
}

/** What a member is called: a static member by its instance, others by their client and what makes them different. */
export function memberLabel({
  memberId,
  groupInstanceId,
  clientId,
}: Pick<ApiAnswers.GroupMember, 'memberId' | 'groupInstanceId' | 'clientId'>): string {
  if (groupInstanceId !== null) return `${groupInstanceId} (static)`
  const own = memberId.startsWith(`${clientId}-`) ? memberId.slice(clientId.length + 1) : memberId
  return clientId === '' ? memberId : `${clientId} ${own.slice(0, 6)}`
}
