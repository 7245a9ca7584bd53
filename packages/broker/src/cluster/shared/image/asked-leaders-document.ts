import type { AskedLeaders } from '../../image.js'

/** Name of the document in which brokers share who is wanted to lead which partitions. */
export const askedLeadersDocument = 'asked-leaders'

const VERSION = 1

export function writeAskedLeaders(asked: AskedLeaders): Buffer {
  return Buffer.from(JSON.stringify({ version: VERSION, leaders: [...asked] }))
}

/** Nobody is asked for where there is no document, or one of a later version: whoever leads goes on. */
export function readAskedLeaders(content: Buffer | undefined): AskedLeaders {
  const { version, leaders } = Object(parsed(content)) as { version?: unknown; leaders?: unknown }
  return version === VERSION && Array.isArray(leaders) ? new Map(leaders.filter(isAsked)) : new Map()
}

function parsed(content: Buffer | undefined): unknown {
  try {
    return content && JSON.parse(content.toString('utf8'))
  } catch {
    return undefined
  }
}

function isAsked(entry: unknown): entry is [partId: number, broker: number] {
  return Array.isArray(entry) && entry.length === 2 && entry.every((value) => Number.isSafeInteger(value))
}
