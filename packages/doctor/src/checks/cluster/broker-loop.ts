import { check } from '../../check.js'
import { most } from '../../numbers.js'

const slowMs = 50

export const brokerLoop = check({
  id: 'broker-loop',
  about: 'cluster',
  needs: ['loop'],
  run({ loop: { p99Ms, stalls } }) {
    if (p99Ms <= slowMs) return []
    const longest = most(stalls, ({ ms }) => ms)
    return [
      {
        severity: 'warning',
        title: 'The broker keeps requests waiting: its event loop is late',
        evidence: [
          { text: 'event loop (p99, last five minutes)', value: p99Ms / 1_000, unit: 's' },
          ...(longest ? [{ text: 'longest it stood still', value: longest.ms / 1_000, unit: 's' as const }] : []),
        ],
        remedy:
          'Its machine has too little CPU, or swaps: give it more, or move other programs away. Is it one client with very large requests? rivven_requests_total and quotas tell.',
      },
    ]
  },
})
