import type { GroupMember } from '@rivven/client'
import { type LagRow, notKnown } from '../../src/lag/lag-row.js'
import type { GroupLine } from '../../src/watch/watch-state.js'

export function lineOf(parts: Partial<GroupLine>): GroupLine {
  const unknown = {
    state: null,
    memberCount: null,
    lag: null,
    lagSeconds: null,
    status: null,
    catchUpSeconds: null,
    eta: null,
  }
  return { groupId: 'g', ...unknown, ...parts }
}

export function rowOf(parts: Partial<LagRow>): LagRow {
  return { topic: 't', partition: 0, currentOffset: 1, logEndOffset: 1, lag: 0, ...notKnown, ...parts }
}

export function memberOf(clientId: string, ...partitions: number[]): GroupMember {
  const assignment = partitions.map((partition) => ({ topic: 't', partition }))
  return {
    memberId: `${clientId}-1`,
    groupInstanceId: null,
    clientId,
    clientHost: '/10.0.0.5',
    topics: ['t'],
    assignment,
  }
}
