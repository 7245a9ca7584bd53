import { check } from '../../check.js'
import { commandText } from '../../command-text.js'
import type { NewestFact } from '../../facts/any-broker-facts.js'
import type { Found } from '../../finding.js'
import { most } from '../../numbers.js'
import { byTopic, placesText, subjectOf } from '../../places.js'

const mostAheadMs = 300_000
const mostApartMs = 3_600_000

export const timestampsOff = check({
  id: 'timestamps-off',
  about: 'cluster',
  needs: ['newest'],
  run({ newest }, now) {
    return byTopic(newest).flatMap(([topic, places]) => [
      ...aheadIn(topic, places, now),
      ...apartIn(topic, places, now),
    ])
  },
})

function aheadIn(topic: string, places: readonly NewestFact[], now: number): Found[] {
  const ahead = places.filter((place) => isAhead(place, now))
  const furthest = most(ahead, ({ timestamp }) => timestamp)
  if (!furthest) return []
  return [
    {
      severity: 'warning',
      subject: subjectOf(topic, ahead),
      title: `Records of ${topic} have timestamps in the future`,
      evidence: [
        { text: 'ahead of now by', value: (furthest.timestamp - now) / 1_000, unit: 's' },
        { text: 'the record at offset', value: furthest.offset, unit: null },
        { text: 'in', value: placesText(ahead), unit: null },
      ],
      remedy: `They are kept for longer than they should be, and are not where one looks for their time. ${whatToDo}`,
      commands: [brokersTime(topic)],
    },
  ]
}

function apartIn(topic: string, places: readonly NewestFact[], now: number): Found[] {
  const apart = places.filter((place) => !isAhead(place, now) && apartMs(place) > mostApartMs)
  const furthest = most(apart, apartMs)
  if (!furthest) return []
  return [
    {
      severity: 'info',
      subject: subjectOf(topic, apart),
      title: `Timestamps of ${topic} are far from when its records came`,
      evidence: [
        { text: 'apart by', value: apartMs(furthest) / 1_000, unit: 's' },
        { text: 'in', value: placesText(apart), unit: null },
      ],
      remedy: `Where records were copied or replayed this is so. ${whatToDo}`,
      commands: [brokersTime(topic)],
    },
  ]
}

const whatToDo =
  'See to the clocks of the producers, and to what they give as timestamp; or let the broker’s time count, for records that come from now on.'

function brokersTime(topic: string): string {
  return commandText('topic alter', [topic], ['--set', 'message.timestamp.type=LogAppendTime'])
}

function isAhead({ timestamp }: NewestFact, now: number): boolean {
  return timestamp - now > mostAheadMs
}

function apartMs({ arrivedAt, timestamp }: NewestFact): number {
  return arrivedAt === undefined ? 0 : Math.abs(arrivedAt - timestamp)
}
