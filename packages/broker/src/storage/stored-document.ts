import type { Check } from '@rivven/config'
import type { Clock } from '@rivven/runtime'
import { Breath } from '../breath.js'
import { StoredDataError } from './stored-data-error.js'

/**
 * Reads a JSON document of version 1 whose fields fit. Nothing else may pass for a document that says nothing: that would
 * be a broker without users or rules.
 *
 * @throws StoredDataError with a sentence for whoever starts the broker
 */
export function readStored<Document>(name: string, content: Buffer, check: Check): Document {
  const refuse = (reason: string): never => {
    throw new StoredDataError(
      `What is stored of ${name} cannot be used: ${reason.replace(/\.$/, '')}. Put back documents/${name} and ` +
        `documents/${name}.copy in the data folder from a backup and start again; nothing was changed.`,
    )
  }
  let document: unknown
  try {
    document = JSON.parse(content.toString())
  } catch (error) {
    return refuse(`it is not JSON (${(error as Error).message})`)
  }
  const { version } = (document ?? {}) as { version?: unknown }
  if (version !== 1) return refuse(`it has version ${String(version)}, and this broker knows version 1`)
  const misfit = check(document, name)
  return misfit ? refuse(misfit.text) : (document as Document)
}

/**
 * A JSON document that ends with a list: `head`, an item a line, then what closes both. Made in stretches, between which
 * others have their turn: the items must stay the same meanwhile.
 */
export async function listDocument(head: string, items: Iterable<string>, clock: Clock): Promise<Buffer> {
  const parts = [Buffer.from(`${head}[\n`)]
  const breath = new Breath(clock)
  let lines = ''
  let isFirst = true
  for (const item of items) {
    lines += isFirst ? item : `,\n${item}`
    isFirst = false
    if (!breath.isDue) continue
    parts.push(Buffer.from(lines))
    lines = ''
    await breath.take()
  }
  parts.push(Buffer.from(`${lines}\n]}`))
  return Buffer.concat(parts)
}
