import type { Storage } from '../../storage/storage.js'

const DOCUMENT = 'leader-epoch'

/** The epoch of this start, one above the last one's; 0 for the first. Durable before it is used. */
export async function nextLeaderEpoch(storage: Storage): Promise<number> {
  const last = await storage.readDocument(DOCUMENT)
  const epoch = last === undefined ? 0 : parseEpoch(last.toString()) + 1
  await storage.writeDocument(DOCUMENT, Buffer.from(`${epoch}\n`))
  return epoch
}

function parseEpoch(text: string): number {
  const epoch = Number(text.trim())
  if (!Number.isInteger(epoch) || epoch < 0)
    throw new Error(`The document ${DOCUMENT} holds '${text.trim()}', not an epoch.`)
  return epoch
}
