import { fallingBehind } from '../../src/checks/lag/falling-behind.js'
import { tooFewMembers } from '../../src/checks/lag/too-few-members.js'
import { testCheck } from '../check-table.js'
import { group, member, now, pace, partition, waiting } from '../facts.js'

const grows = (number: number) =>
  pace(number, { status: 'WARN' as const, consumedPerSecond: 10, producedPerSecond: 30 })
const numbers = [0, 1, 2, 3]
/** Two members, four partitions: 40 of 120 records a second. */
const twoOfSix = {
  group: group([member('m-0', 'orders:0,1'), member('m-1', 'orders:2,3')]),
  partitions: numbers.map((number) => waiting(number, 100, 40 + number, { owner: `m-${number >> 1}` })),
  pace: numbers.map(grows),
}

testCheck(fallingBehind, {
  fires: {
    'the lag shrinks in no partition': [
      twoOfSix,
      {
        severity: 'warning',
        since: now - 43_000,
        title: 'The group reads, but does not catch up in 4 of 4 partitions where it is behind',
        evidence: { comes: 120, 'is read': 40, waits: 400, 'the oldest waits for': 43 },
        commands: ['rivvenctl group lag g -o wide --watch'],
      },
    ],
    'in half of those where something waits': [
      { partitions: [waiting(0, 9, 40), waiting(1, 9, 1), partition(2)], pace: [grows(0), pace(1), pace(2)] },
      {},
    ],
  },
  quiet: {
    'in less than half of them': {
      partitions: [0, 1, 2].map((number) => waiting(number, 9, 40)),
      pace: [grows(0), pace(1), pace(2)],
    },
    'nobody is there to catch up': { ...twoOfSix, group: group([]) },
    'nothing waits': { partitions: [partition(0)], pace: [grows(0)] },
  },
})

testCheck(tooFewMembers, {
  fires: {
    'more members would do': [
      { ...twoOfSix, pace: numbers.map((number) => ({ ...grows(number), producedPerSecond: 15 })) },
      {
        severity: 'warning',
        title: '1 more member would keep up: 2 read 40 of 60 records a second',
        evidence: { 'members that read': 2, 'members that it takes': 3, partitions: 4 },
      },
    ],
    'one for each partition is not enough': [
      twoOfSix,
      {
        title: '2 more members would keep up: 2 read 40 of 120 records a second',
        evidence: { 'members that it takes': 6 },
      },
    ],
  },
  quiet: {
    'each partition has a member': {
      ...twoOfSix,
      group: group(numbers.map((number) => member(`m-${number}`, `orders:${number}`))),
    },
    'it falls behind in one partition of each member': {
      ...twoOfSix,
      pace: numbers.map((number) => (number % 2 === 0 ? grows(number) : pace(number))),
    },
    'nothing is read at all': {
      ...twoOfSix,
      pace: numbers.map((number) => ({ ...grows(number), consumedPerSecond: 0 })),
    },
    'as much is read as comes': {
      ...twoOfSix,
      pace: numbers.map((number) => ({ ...grows(number), consumedPerSecond: 30 })),
    },
    'it catches up': { ...twoOfSix, pace: numbers.map((number) => pace(number)) },
  },
})
