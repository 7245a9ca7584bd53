import { checks } from '@rivven/config'
import { readStored } from '../../storage/stored-document.js'

/** The catalog as it is stored: one JSON document, replaced as a whole. */
export interface CatalogDocument {
  readonly version: 1
  readonly clusterId: string
  readonly topics: readonly StoredTopic[]
  /** Ids of topics that are deleted, whose data may still be there. */
  readonly deleting?: readonly string[]
}

export interface StoredTopic {
  readonly name: string
  readonly id: string
  readonly partitionCount: number
  readonly configs: readonly (readonly [name: string, value: string])[]
}

export const CATALOG_DOCUMENT = 'catalog'

const config = checks.fitting(
  'a name and a value',
  (pair) => Array.isArray(pair) && pair.length === 2 && pair.every((text) => typeof text === 'string'),
)

const documentCheck = checks.object<CatalogDocument>({
  version: checks.anything,
  clusterId: checks.text,
  topics: checks.listOf(
    checks.object<StoredTopic>({
      name: checks.text,
      id: checks.text,
      partitionCount: checks.whole(1),
      configs: checks.listOf(config),
    }),
  ),
  deleting: checks.optional(checks.listOf(checks.text)),
})

/**
 * Better no start than a start without topics.
 *
 * @throws StoredDataError
 */
export function readCatalog(content: Buffer): CatalogDocument {
  return readStored<CatalogDocument>(CATALOG_DOCUMENT, content, documentCheck)
}

export function writeCatalog(document: CatalogDocument): Buffer {
  return Buffer.from(JSON.stringify(document, null, 1))
}
