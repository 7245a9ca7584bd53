import type { Admin, GroupDescription } from '@rivven/client'
import { nameToPath } from '@rivven/protocol'
import { partitionKey } from '../partition-key.js'
import { saidByRivven } from '../said-by-rivven.js'
import { lagOfGroup } from './group-offsets.js'
import { type LagRow, notKnown } from './lag-row.js'

/** Lag of a group as its coordinator tells it; undefined: these are no brokers of Rivven. */
export async function lagByRivven(admin: Admin, { groupId }: GroupDescription): Promise<LagRow[] | undefined> {
  const said = await saidByRivven<{ items: LagRow[] }>(admin.call('GET', `/api/groups/${nameToPath(groupId)}/lag`))
  return said?.items
}

/** The same by what every broker tells. */
export async function lagByAnyBroker(
  admin: Admin,
  group: GroupDescription,
  { withOwned }: { withOwned: boolean },
): Promise<LagRow[]> {
  const owners = new Map(
    group.members.flatMap(({ memberId, assignment }) =>
      assignment.map((place) => [partitionKey(place), { ...place, memberId }]),
    ),
  )
  const lags = await lagOfGroup(admin, group.groupId, withOwned ? [...owners.values()] : [])
  return lags.map((lag) => ({
    ...lag,
    ...notKnown,
    owner: owners.get(partitionKey(lag))?.memberId ?? null,
  }))
}
