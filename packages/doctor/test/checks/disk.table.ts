import { disk } from '../../src/checks/cluster/disk.js'
import { testCheck } from '../check-table.js'
import { healthyBroker } from '../past.js'

const on = (more = {}) => ({ disk: { ...healthyBroker.disk, ...more } })

testCheck(disk, {
  fires: {
    'partitions take nothing': [
      on({ unwritable: 2 }),
      { severity: 'critical', evidence: { 'partitions that take nothing': 2 } },
    ],
    'less than a tenth is free': [on({ freeBytes: 9.9e9 }), { severity: 'warning', evidence: { 'that is': 9 } }],
    'next to nothing is free': [on({ freeBytes: 2.9e9 }), { severity: 'critical' }],
    'it is slow': [on({ commitP99Ms: 250 }), { severity: 'warning' }],
    'all of it': [
      on({ unwritable: 1, freeBytes: 0, commitP99Ms: 250 }),
      { severity: 'critical' },
      { severity: 'critical' },
      { severity: 'warning' },
    ],
  },
  quiet: {
    'a tenth is free': on({ freeBytes: 10e9 }),
    'nobody knows': on({ freeBytes: null, totalBytes: null, commitP99Ms: null }),
    '100 ms': on({ commitP99Ms: 100 }),
  },
})
