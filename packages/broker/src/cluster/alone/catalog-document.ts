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

/** Throws where the document is none of ours: better no start than a start without topics. */
export function readCatalog(content: Buffer): CatalogDocument {
  const document = JSON.parse(content.toString()) as Partial<CatalogDocument>
  if (document.version !== 1 || typeof document.clusterId !== 'string' || !Array.isArray(document.topics)) {
    throw new Error(`the stored catalog has version ${String(document.version)}; this broker knows version 1`)
  }
  return document as CatalogDocument
}

export function writeCatalog(document: CatalogDocument): Buffer {
  return Buffer.from(JSON.stringify(document, null, 1))
}
