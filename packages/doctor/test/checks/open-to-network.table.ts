import { openToNetwork } from '../../src/checks/cluster/open-to-network.js'
import { testCheck } from '../check-table.js'

testCheck(openToNetwork, {
  fires: {
    'a listener that other machines reach': [
      { openListeners: [{ listener: 'PLAINTEXT', address: '0.0.0.0:9092' }] },
      { severity: 'warning', evidence: { listener: 'PLAINTEXT', address: '0.0.0.0:9092' } },
    ],
  },
  quiet: { none: { openListeners: [] } },
})
