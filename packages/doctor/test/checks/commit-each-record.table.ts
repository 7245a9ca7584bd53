import { commitEachRecord } from '../../src/checks/commits/commit-each-record.js'
import { testCheck } from '../check-table.js'
import { pace } from '../facts.js'
import { signs } from '../past.js'

testCheck(commitEachRecord, {
  fires: {
    'more than fifty a second': [
      { signs: [signs('m-0', { commitsPerSecond: 51 })], pace: [pace(0, { consumedPerSecond: 1_000 })] },
      {
        severity: 'warning',
        subject: { group: 'g', member: 'm-0' },
        evidence: { 'commits a second': 51, 'it reads': 1_000 },
      },
    ],
    'more than one for two records': [
      { signs: [signs('m-0', { commitsPerSecond: 6 })], pace: [pace(0, { consumedPerSecond: 11 })] },
      {},
    ],
  },
  quiet: {
    'fifty a second': {
      signs: [signs('m-0', { commitsPerSecond: 50 })],
      pace: [pace(0, { consumedPerSecond: 1_000 })],
    },
    'one for two records': {
      signs: [signs('m-0', { commitsPerSecond: 6 })],
      pace: [pace(0, { consumedPerSecond: 12 })],
    },
    'one for each of few records': {
      signs: [signs('m-0', { commitsPerSecond: 5 })],
      pace: [pace(0, { consumedPerSecond: 5 })],
    },
    'it is not known what it reads': { signs: [signs('m-0', { commitsPerSecond: 6 })], pace: [] },
  },
})
