import { stuckPartition } from '../../src/checks/lag/stuck-partition.js'
import { testCheck } from '../check-table.js'
import { group, member, minute, now, pace, partition, waiting } from '../facts.js'

const owner = 'm-0'
const alone = { group: group([member(owner, 'orders:0,1,2')]) }
const stands = waiting(1, 50, 720, { owner })
const others = [partition(0, { owner }), partition(2, { owner })]
const unknown = { currentOffset: null, lag: null, waiting: null, lagSeconds: null }
const pacesWith = (status: 'STALL' | 'STOP' | 'REWIND' | 'WARN', consumedPerSecond = 0) => [
  pace(0),
  pace(1, { status, consumedPerSecond }),
  pace(2),
]

testCheck(stuckPartition, {
  fires: {
    'one partition stands still, the others of its member do not': [
      { ...alone, partitions: [...others, stands], pace: pacesWith('STALL') },
      {
        severity: 'critical',
        subject: { group: 'g', topic: 'orders', partition: 1, member: owner },
        since: now - 12 * minute,
        evidence: { 'committed offset': 1000, 'the record there waits for': 720, 'wait behind it': 50 },
        commands: [
          'rivvenctl topic peek orders --partition 1 --offset 1000',
          'rivvenctl group reset-offsets g --topic orders:1 --to-offset 1001 --live',
        ],
      },
    ],
    'it falls back again and again': [
      { ...alone, partitions: [...others, stands], pace: pacesWith('REWIND', -1) },
      { severity: 'critical' },
    ],
  },
  quiet: {
    'the lag grows, but it goes on': { ...alone, partitions: [...others, stands], pace: pacesWith('WARN', 3) },
    'what was rewound is read again': { ...alone, partitions: [...others, stands], pace: pacesWith('REWIND', 100) },
    'nothing waits there': { ...alone, partitions: [...others, partition(1, { owner })], pace: pacesWith('STALL') },
    'its member has no other partition': {
      partitions: [partition(0), waiting(1, 50, 720), partition(2)],
      pace: pacesWith('STALL'),
    },
    'all partitions of its member stand': {
      ...alone,
      partitions: [0, 1, 2].map((number) => waiting(number, 50, 720, { owner })),
      pace: [0, 1, 2].map((number) => pace(number, { status: 'STALL', consumedPerSecond: 0 })),
    },
    'its member has committed nothing anywhere else: its handler may hang': {
      ...alone,
      partitions: [stands, ...[0, 2].map((number) => partition(number, { owner, ...unknown }))],
      pace: pacesWith('STOP'),
    },
    'nobody owns it': {
      ...alone,
      partitions: [...others, { ...stands, owner: null }],
      pace: pacesWith('STOP'),
    },
  },
})
