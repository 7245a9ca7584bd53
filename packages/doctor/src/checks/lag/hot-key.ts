import { check } from '../../check.js'
import type { KeyCount, KeySample } from '../../facts/two-look-facts.js'
import type { Found } from '../../finding.js'
import { most, percent } from '../../numbers.js'
import { placeText } from '../../places.js'

const greatShare = 0.3
/** Of fewer records a share says nothing. */
const leastRecords = 100

export const hotKey = check({
  id: 'hot-key',
  about: 'group',
  needs: ['keys'],
  run({ keys }) {
    return keys.flatMap((sample): Found[] => {
      const first = most(sample.keys, ({ count }) => count)
      if (!first || sample.records < leastRecords || first.count <= greatShare * sample.records) return []
      return [foundIn(sample, first)]
    })
  },
})

function foundIn(sample: KeySample, { hash, key, count }: KeyCount): Found {
  const { topic, partition, records } = sample
  return {
    severity: 'warning',
    subject: { topic, partition },
    title: `One key makes ${percent(count, records)} % of what comes into ${placeText(sample)}`,
    evidence: [
      { text: `of the newest ${records} records`, value: percent(count, records), unit: '%' },
      { text: 'hash of the key', value: hash, unit: null },
      ...(key === undefined ? [] : [{ text: 'the key', value: key, unit: null }]),
    ],
    remedy:
      'All records of a key go into one partition, for its order. Where that order is not needed give it a key of finer grain, or handle what is alike together. --show-keys names the key.',
  }
}
