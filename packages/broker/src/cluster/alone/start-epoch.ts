import { LEADER_EPOCH_DOCUMENT } from '../../log/state/leader-epoch.js'
import type { OwnStorage } from '../../storage/own-storage.js'
import { StoredDataError } from '../../storage/stored-data-error.js'

/**
 * The leader epoch of this start, for all partitions: one above the last one's; 0 for the first. Durable before it is used.
 *
 * @throws StoredDataError when it is lost: an epoch given twice would let clients believe in records that are others now
 */
export async function nextStartEpoch(storage: OwnStorage): Promise<number> {
  const last = await storage.readDocument(LEADER_EPOCH_DOCUMENT)
  if (last === undefined && (await storage.listPartitions()).length > 0) throw new StoredDataError(lost)
  const epoch = last === undefined ? 0 : parseEpoch(last.toString()) + 1
  await storage.writeDocument(LEADER_EPOCH_DOCUMENT, Buffer.from(`${epoch}\n`))
  return epoch
}

const lost =
  `The leader epoch is lost (documents/${LEADER_EPOCH_DOCUMENT} and documents/${LEADER_EPOCH_DOCUMENT}.copy in the data folder). ` +
  'Put back either file from a backup, or write a file documents/leader-epoch with a number above any epoch so far (1000000), ' +
  'and start again.'

function parseEpoch(text: string): number {
  const epoch = Number(text.trim())
  if (!Number.isInteger(epoch) || epoch < 0)
    throw new Error(`The document ${LEADER_EPOCH_DOCUMENT} holds '${text.trim()}', not an epoch.`)
  return epoch
}
