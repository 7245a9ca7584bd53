import type { Storage } from '../../storage/storage.js'
import { StoredDataError } from '../../storage/stored-data-error.js'

const DOCUMENT = 'leader-epoch'

/**
 * The epoch of this start, one above the last one's; 0 for the first. Durable before it is used.
 *
 * @throws StoredDataError when it is lost: an epoch given twice would let clients believe in records that are others now
 */
export async function nextLeaderEpoch(storage: Storage): Promise<number> {
  const last = await storage.readDocument(DOCUMENT)
  if (last === undefined && (await storage.listPartitions()).length > 0) throw new StoredDataError(lost)
  const epoch = last === undefined ? 0 : parseEpoch(last.toString()) + 1
  await storage.writeDocument(DOCUMENT, Buffer.from(`${epoch}\n`))
  return epoch
}

/**
 * A log that was written under an epoch which is not over yet, or never began by the document's word: that is of an earlier
 * time. Newer batches would count as damaged, and epochs would be given twice.
 */
export function epochIsBehind(log: string, { own, stored }: { own: number; stored: number }): StoredDataError {
  return new StoredDataError(
    `The leader epoch (documents/${DOCUMENT} in the data folder) is of an earlier time than the data: this start would be ` +
      `${own}, but ${log} was written in epoch ${stored}. Put back the newest file, or take away documents/${DOCUMENT}.copy, ` +
      `write a number above any epoch so far (${stored + 1_000_000}) into documents/${DOCUMENT}, and start again.`,
  )
}

const lost =
  `The leader epoch is lost (documents/${DOCUMENT} and documents/${DOCUMENT}.copy in the data folder). Put back either file ` +
  'from a backup, or write a file documents/leader-epoch with a number above any epoch so far (1000000), and start again.'

function parseEpoch(text: string): number {
  const epoch = Number(text.trim())
  if (!Number.isInteger(epoch) || epoch < 0)
    throw new Error(`The document ${DOCUMENT} holds '${text.trim()}', not an epoch.`)
  return epoch
}
