import type { Check } from '@rivven/config'
import { StoredDataError } from '../storage/stored-data-error.js'

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
