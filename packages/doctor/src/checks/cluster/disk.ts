import { check } from '../../check.js'
import type { DiskFact } from '../../facts/broker-facts.js'
import type { Found } from '../../finding.js'
import { counted } from '../../words.js'

const littleShare = 0.1
const nothingShare = 0.03
const slowMs = 100

export const disk = check({
  id: 'disk',
  about: 'cluster',
  needs: ['disk'],
  run(facts) {
    return [...unwritable(facts.disk), ...full(facts.disk), ...slow(facts.disk)]
  },
})

function unwritable({ unwritable: count }: DiskFact): Found[] {
  if (count === 0) return []
  return [
    {
      severity: 'critical',
      title: `${counted(count, 'partition')} ${count === 1 ? 'takes' : 'take'} no records, after an error of the disk`,
      evidence: [{ text: 'partitions that take nothing', value: count, unit: null }],
      remedy:
        'The broker’s log has the error. If the disk was full make room: they take records again by themselves. Else mend the disk, and start the broker again.',
    },
  ]
}

function full({ freeBytes, totalBytes }: DiskFact): Found[] {
  if (freeBytes === null || totalBytes === null || totalBytes === 0) return []
  const share = freeBytes / totalBytes
  if (share >= littleShare) return []
  return [
    {
      severity: share < nothingShare ? 'critical' : 'warning',
      title: 'The disk of the broker is almost full',
      evidence: [
        { text: 'free', value: freeBytes, unit: 'bytes' },
        { text: 'that is', value: Math.floor(share * 100), unit: '%' },
      ],
      remedy: 'Make room, or keep records for a shorter time: retention.ms and retention.bytes of the largest topics.',
      commands: ['rivvenctl topic list'],
    },
  ]
}

function slow({ commitP99Ms }: DiskFact): Found[] {
  if (commitP99Ms === null || commitP99Ms <= slowMs) return []
  return [
    {
      severity: 'warning',
      title: 'What must be durable takes long: the disk is slow, or busy with something else',
      evidence: [{ text: 'commits of groups (p99, at most)', value: commitP99Ms / 1_000, unit: 's' }],
      remedy: 'Look at what else writes to it, and at its queue (iostat -x).',
    },
  ]
}
