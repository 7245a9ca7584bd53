import type { Facts } from '@rivven/doctor'
import type { Group } from '@rivven/groups'
import type { Figure } from '../telemetry/asked-metrics.js'
import type { ClientTelemetry, Figures } from '../telemetry/client-telemetry.js'

type ToldFacts = Pick<Facts, 'eventLoops' | 'polls'>

/** What members tell of themselves (KIP-714). A fact that none of them tells is missing: clients differ in what they know. */
export function toldByClients(group: Group, telemetry: Pick<ClientTelemetry, 'figuresOf' | 'now'>): ToldFacts {
  const told = telemetry.figuresOf(group.groupId)
  const now = telemetry.now()
  const members = [...group.members.values()].flatMap(({ memberId, sessionTimeoutMs }) => {
    const figures = told.get(memberId)
    return figures ? [{ memberId, sessionTimeoutMs, figures }] : []
  })
  const eventLoops = members.flatMap(({ memberId, sessionTimeoutMs, figures }) => {
    const [p99Ms, maxMs] = [mostOf(figures, 'loopDelayP99Ms', now), mostOf(figures, 'loopDelayMaxMs', now)]
    return p99Ms === null || maxMs === null ? [] : [{ memberId, p99Ms, maxMs, sessionTimeoutMs }]
  })
  const polls = members.flatMap(({ memberId, figures }) => {
    const longestGapMs = mostOf(figures, 'pollGapMaxMs', now)
    const idleRatio = figures.get('pollIdleRatio')?.last ?? null
    return longestGapMs === null && idleRatio === null ? [] : [{ memberId, longestGapMs, idleRatio }]
  })
  return { ...(eventLoops.length > 0 && { eventLoops }), ...(polls.length > 0 && { polls }) }
}

function mostOf(figures: Figures, figure: Figure, now: number): number | null {
  return figures.get(figure)?.max(now) ?? null
}
