import { readsUncommitted } from '../../src/checks/reading/reads-uncommitted.js'
import { testCheck } from '../check-table.js'
import { read } from '../past.js'

testCheck(readsUncommitted, {
  fires: {
    'transactions were aborted where it reads': [
      { reads: [read(0, { isolation: 'read_uncommitted', aborted: 3 }), read(1)] },
      {
        severity: 'warning',
        evidence: { 'transactions aborted within 24 h': 3, 'read with read_uncommitted by': 'm-0' },
        config: ['isolation_level: read_committed'],
      },
    ],
  },
  quiet: {
    'it reads what was committed': { reads: [read(0, { aborted: 3 })] },
    'none was aborted': { reads: [read(0, { isolation: 'read_uncommitted' })] },
    'nobody knows how it reads': { reads: [read(0, { isolation: null, aborted: 3 })] },
  },
})
