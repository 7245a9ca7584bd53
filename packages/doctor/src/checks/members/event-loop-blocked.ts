import { check } from '../../check.js'
import type { EventLoopFact } from '../../facts/telemetry-facts.js'
import type { Found } from '../../finding.js'

const mostP99Ms = 200

export const eventLoopBlocked = check({
  id: 'event-loop-blocked',
  about: 'group',
  needs: ['eventLoops'],
  run({ eventLoops }) {
    return eventLoops
      .filter(({ p99Ms, maxMs, sessionTimeoutMs }) => p99Ms > mostP99Ms || maxMs > sessionTimeoutMs / 3)
      .map(foundAt)
  },
})

function foundAt({ memberId, p99Ms, maxMs, sessionTimeoutMs }: EventLoopFact): Found {
  return {
    severity: 'warning',
    subject: { member: memberId },
    title: 'The event loop of a member stands still for so long that it may lose its partitions',
    evidence: [
      { text: 'delay of the event loop (p99)', value: p99Ms / 1_000, unit: 's' },
      { text: 'longest delay', value: maxMs / 1_000, unit: 's' },
      { text: 'session_timeout_ms', value: sessionTimeoutMs / 1_000, unit: 's' },
    ],
    remedy: 'Move what computes for long into a worker thread, or do it in parts.',
  }
}
