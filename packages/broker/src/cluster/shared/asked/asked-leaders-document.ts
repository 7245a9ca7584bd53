import type { AskedLeaders } from '../../image.js'
import { readVersionedList, writeVersionedList } from './versioned-list.js'

/** Name of the document in which brokers share who is wanted to lead which partitions. */
export const askedLeadersDocument = 'asked-leaders'

const VERSION = 1

export function writeAskedLeaders(asked: AskedLeaders): Buffer {
  return writeVersionedList(VERSION, asked)
}

export function readAskedLeaders(content: Buffer | undefined): AskedLeaders {
  return new Map(readVersionedList(VERSION, isAsked, content))
}

function isAsked(entry: unknown): entry is [partId: number, broker: number] {
  return Array.isArray(entry) && entry.length === 2 && entry.every((value) => Number.isSafeInteger(value))
}
