import { StoredDataError } from '../../storage/stored-data-error.js'

export const LEADER_EPOCH_DOCUMENT = 'leader-epoch'

/**
 * A log that was written under an epoch which is not over yet, or never began by the document's word: that is of an earlier
 * time. Newer batches would count as damaged, and epochs would be given twice.
 */
export function epochIsBehind(log: string, { own, stored }: { own: number; stored: number }): StoredDataError {
  const document = LEADER_EPOCH_DOCUMENT
  return new StoredDataError(
    `The leader epoch (documents/${document} in the data folder) is of an earlier time than the data: this start would be ` +
      `${own}, but ${log} was written in epoch ${stored}. Put back the newest file, or take away documents/${document}.copy, ` +
      `write a number above any epoch so far (${stored + 1_000_000}) into documents/${document}, and start again.`,
  )
}
