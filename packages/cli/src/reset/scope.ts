import type { Admin, CommittedOffset } from '@rivven/client'
import { UsageError } from '../failure.js'
import { checkPartitions } from '../partitions.js'
import type { Target } from './target.js'

export interface ScopeOptions {
  topic?: string[]
  allTopics?: boolean
  partition?: number[]
}

export interface Place {
  topic: string
  partition: number
}

/** Throws where it is not said which partitions a reset is about, or twice. */
export function checkScope({ topic = [], allTopics = false, partition }: ScopeOptions, target: Target): void {
  if (target.kind === 'file' || target.kind === 'snapshot') {
    if (topic.length > 0 || allTopics || partition)
      throw new UsageError(
        `--from-${target.kind} names its partitions itself: leave out --topic, --partition and --all-topics.`,
      )
    return
  }
  // Another group has its partitions; some of them may be named.
  const isSaid = topic.length > 0 !== allTopics || (target.kind === 'group' && topic.length === 0)
  if (!isSaid)
    throw new UsageError(
      'Say whose offsets move: --topic T (again for more, T:0,1 for some partitions) or --all-topics.',
    )
  if (partition && (topic.length !== 1 || topic[0]!.includes(':')))
    throw new UsageError('--partition goes with one --topic; for more write --topic orders:0,1 --topic payments:2.')
}

/** The partitions in order. All topics: those in which the group has committed; the ones that are gone are left out. */
export async function placesOf(
  admin: Admin,
  options: ScopeOptions,
  committed: readonly CommittedOffset[],
): Promise<Place[]> {
  const { topic = [], allTopics, partition } = options
  if (allTopics) {
    const known = new Map((await admin.listTopics()).map(({ name, partitions }) => [name, partitions.length]))
    return sorted(committed.filter((entry) => entry.partition < (known.get(entry.topic) ?? 0)))
  }
  const wanted = topic.map(splitTopic)
  const described = await admin.describeTopics([...new Set(wanted.map(({ name }) => name))])
  const counts = new Map(described.map(({ name, partitions }) => [name, partitions.length]))
  const places = wanted.flatMap(({ name, partitions }) => {
    const count = counts.get(name)!
    const numbers = partitions ?? partition ?? Array.from({ length: count }, (_, index) => index)
    checkPartitions(name, count, numbers)
    return numbers.map((number) => ({ topic: name, partition: number }))
  })
  return sorted([...new Map(places.map((place) => [`${place.topic}/${place.partition}`, place])).values()])
}

/** The same for a broker of Rivven, which knows the partitions; undefined: those in which the group has committed. */
export function topicsIn({
  topic,
  allTopics,
  partition,
}: ScopeOptions): { topic: string; partitions?: number[] }[] | undefined {
  if (allTopics || topic === undefined) return undefined
  return topic.map(splitTopic).map(({ name, partitions }) => {
    const wanted = partitions ?? partition
    return { topic: name, ...(wanted && { partitions: [...new Set(wanted)] }) }
  })
}

/** `orders:0,1`: no topic's name has a colon. */
function splitTopic(word: string): { name: string; partitions: number[] | null } {
  const at = word.indexOf(':')
  if (at < 0) return { name: word, partitions: null }
  const numbers = word.slice(at + 1).split(',')
  if (!numbers.every((number) => /^\d+$/.test(number)))
    throw new UsageError(`"${word}" is no topic with partitions: write it as orders:0,1.`)
  return { name: word.slice(0, at), partitions: numbers.map(Number) }
}

function sorted(places: readonly Place[]): Place[] {
  return places
    .map(({ topic, partition }) => ({ topic, partition }))
    .sort((a, b) => (a.topic < b.topic ? -1 : a.topic > b.topic ? 1 : a.partition - b.partition))
}
