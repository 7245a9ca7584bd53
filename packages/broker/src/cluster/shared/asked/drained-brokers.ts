import type { Documents } from '../../documents.js'
import { changeDocument } from './change-document.js'
import { readVersionedList, writeVersionedList } from './versioned-list.js'

/** Name of the document in which brokers share which of them an operator wants to lead nothing. */
export const drainedBrokersDocument = 'drained-brokers'

const VERSION = 1

/** Notes it, also of a broker that is not here. */
export function noteDrained(documents: Documents, brokerId: number, isDrained: boolean): Promise<void> {
  return changeDocument(documents, drainedBrokersDocument, (before) => {
    const brokers = readDrainedBrokers(before)
    const isChanged = brokers.has(brokerId) !== isDrained
    const others = [...brokers].filter((id) => id !== brokerId)
    const content = writeVersionedList(VERSION, isDrained ? [...others, brokerId] : others)
    return { result: undefined, content: isChanged ? content : undefined }
  })
}

export function readDrainedBrokers(content: Buffer | undefined): ReadonlySet<number> {
  return new Set(readVersionedList(VERSION, isBrokerId, content))
}

function isBrokerId(item: unknown): item is number {
  return Number.isSafeInteger(item)
}
