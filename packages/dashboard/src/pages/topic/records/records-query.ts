import { commandText } from '@rivven/doctor'
import { nameToPath } from '@rivven/protocol'
import { type Query, searchOf } from '../../../route/route.js'

type Given = Readonly<Record<string, string>>

/** From where on records are shown, as it stands in the address. */
export const ways = ['newest', 'offset', 'time'] as const
export type Way = (typeof ways)[number]

export function wayOf({ way }: Given): Way {
  return ways.find((one) => one === way) ?? 'newest'
}

/** So many at once. */
export const usualCount = 50

/** What the API is asked for; a sentence: what is missing in what was chosen. */
export function askedOf(query: Given, from = ''): Query | string {
  const common = {
    ...{ partition: numberIn(query.partition), search: query.search || undefined, limit: countOf(query) },
    isolation: query.isolation === 'read_uncommitted' ? query.isolation : undefined,
    show: query.show === 'true' ? 'true' : undefined,
  }
  if (from !== '') return { ...common, from }
  switch (wayOf(query)) {
    case 'newest':
      return { ...common, newest: countOf(query) }
    case 'offset':
      if (common.partition === undefined) return 'An offset is one of a partition: choose which.'
      return { ...common, offset: numberIn(query.offset) ?? 0 }
    case 'time': {
      const time = timeIn(query.time ?? '')
      return time === undefined ? 'Say since when, as 2026-01-31 18:00.' : { ...common, timestamp: time }
    }
  }
}

export function recordsPath(topic: string, asked: Query): string {
  return `api/topics/${nameToPath(topic)}/records${searchOf(asked)}`
}

export interface RecordPlace {
  readonly topic: string
  readonly partition: number
  readonly offset: number
}

/** Of the bytes of one key or value. */
export function valuePath({ topic, partition, offset }: RecordPlace, part: 'key' | 'value', download = false): string {
  const place = `api/topics/${nameToPath(topic)}/partitions/${partition}/records/${offset}/value`
  return `${place}${searchOf({ part: part === 'key' ? part : undefined, download: download ? 'true' : undefined })}`
}

function countOf({ count }: Given): number {
  return Math.min(500, Math.max(1, numberIn(count) ?? usualCount))
}

function numberIn(text = ''): number | undefined {
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined
}

/** `2026-01-31 18:00`, with seconds and milliseconds or without, UTC where no zone is said; as browsers write it in a field, too. */
export function timeIn(text: string): number | undefined {
  const form = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?))?\s*(Z|UTC|[+-]\d\d:\d\d)?$/
  const [, day, hour = '00:00', zone = 'Z'] = form.exec(text.trim()) ?? []
  if (day === undefined) return undefined
  const time = Date.parse(`${day}T${hour}${zone === 'UTC' ? 'Z' : zone}`)
  return Number.isNaN(time) || time < 0 ? undefined : time
}

/** The command that shows the same in a terminal. */
export function peekCommand(topic: string, query: Given): string {
  const { partition, search, show } = query
  return commandText(
    'topic peek',
    [topic],
    [
      ...(partition ? ['--partition', partition] : []),
      ...placeFlags(query),
      ...(search ? ['--search', search] : []),
      ...(show === 'true' ? ['--show-aborted'] : []),
    ],
  )
}

function placeFlags(query: Given): string[] {
  const count = String(countOf(query))
  switch (wayOf(query)) {
    case 'newest':
      return ['--newest', count]
    case 'offset':
      return ['--offset', String(numberIn(query.offset) ?? 0), '-n', count]
    case 'time': {
      const time = timeIn(query.time ?? '')
      return time === undefined ? ['-n', count] : ['--at', new Date(time).toISOString(), '-n', count]
    }
  }
}

const stops: Readonly<Record<string, string>> = {
  records: 'One look is at most at 50,000 records',
  bytes: 'One look is at most at 64 MiB of records, and tells 4 MiB',
  time: 'One look takes 5 s at most',
}

/** Why there are no more of them. */
export function stoppedText(page: { stopped: string; scanned: number; unreadable: number }): string {
  const { stopped, scanned, unreadable } = page
  const damaged = unreadable > 0 ? ` ${unreadable} batches could not be read.` : ''
  const why = stops[stopped]
  return why === undefined ? damaged.trim() : `${why}: it stopped after ${scanned.toLocaleString('en-US')}.${damaged}`
}
