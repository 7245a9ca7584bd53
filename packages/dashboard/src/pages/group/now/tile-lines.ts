import { count, duration, rate, utc } from '../../../text/format.js'
import { shownName, visible } from '../../../text/visible.js'
import type { OwnedPartition } from './owners.js'

/** What is told of a partition when somebody points at its tile; `labels`: of members, by their ids. */
export function tileLines(partition: OwnedPartition, labels: ReadonlyMap<string, string>): readonly string[] {
  const { topic, owner, offset, lag } = partition
  const lines = [`${shownName(topic)}/${partition.partition}`]
  lines.push(owner === null ? 'nobody owns it' : `owned by ${visible(labels.get(owner) ?? owner)}`)
  if (offset)
    lines.push(`${count(offset.committedOffset)} of ${count(offset.logEndOffset)}, ${count(offset.lag)} behind`)
  else lines.push('nothing committed')
  if (lag) {
    lines.push(lag.lagSeconds === 0 ? 'nothing waits' : `what waits is there for ${duration(lag.lagSeconds)}`)
    lines.push(`in ${rate(lag.producedPerSecond)}, out ${rate(lag.consumedPerSecond)}`)
  }
  if (offset && offset.committedAt > 0) lines.push(`last commit ${utc(offset.committedAt)}`)
  return lines
}
