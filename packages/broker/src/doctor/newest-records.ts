import type { NewestFact } from '@rivven/doctor'
import type { Breath } from '../breath.js'
import type { BrokerServices } from '../handlers/handler.js'
import { eachLog } from './each-log.js'

/** Of more partitions it is not looked: each may be a read of the disk. */
const mostLooked = 500

/** The newest record of partitions that are led here, by timestamp. */
export async function newestRecords(
  sources: Pick<BrokerServices, 'catalog' | 'logs'>,
  { breath, isShown }: { breath: Breath; isShown: (topic: string) => boolean },
): Promise<NewestFact[]> {
  const found: NewestFact[] = []
  let looked = 0
  for (const log of eachLog(sources)) {
    if (breath.isDue) await breath.take()
    const { topic, partition } = log
    if (log.logEndOffset === log.logStartOffset || !isShown(topic)) continue
    if (++looked > mostLooked) break
    const newest = await log.offsetOfMaxTimestamp().catch(() => undefined)
    if (!newest) continue
    const { timestamp, offset } = newest
    const waiting = log.isReadable ? log.guessWaiting({ offset, isolation: 'uncommitted' }) : undefined
    const arrivedAt = waiting?.kind === 'batch' ? { arrivedAt: Math.round(waiting.arrival.at) } : {}
    found.push({ topic, partition, timestamp, offset, ...arrivedAt })
  }
  return found
}
