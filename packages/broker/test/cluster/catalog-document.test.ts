import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readCatalog, writeCatalog } from '../../src/cluster/alone/catalog-document.js'
import { StoredDataError } from '../../src/storage/stored-data-error.js'

const orders = { name: 'orders', id: 'AAAAAAAAAAAAAAAAAAAAAQ', partitionCount: 3, configs: [['retention.ms', '1000']] }
const catalog = { version: 1, clusterId: 'c', topics: [orders] } as const

test('a catalog is what it was when it is read again, with topics that are being deleted and without', () => {
  for (const document of [catalog, { ...catalog, deleting: ['x'] }]) {
    assert.deepEqual(readCatalog(writeCatalog(document as never)), document)
  }
})

const others: Record<string, unknown> = {
  'no document': null,
  'a list': [],
  'a later version': { ...catalog, version: 2 },
  'no cluster id': { ...catalog, clusterId: '' },
  'a topic without anything': { ...catalog, topics: [{}] },
  'no partition': { ...catalog, topics: [{ ...orders, partitionCount: 0 }] },
  'a part of a partition': { ...catalog, topics: [{ ...orders, partitionCount: 1.5 }] },
  'a config without a value': { ...catalog, topics: [{ ...orders, configs: [['retention.ms']] }] },
  'a deleted topic that is a number': { ...catalog, deleting: [1] },
}
for (const [what, document] of Object.entries(others)) {
  test(`a stored catalog that is or has ${what} ends the start with a sentence`, () => {
    assert.throws(
      () => readCatalog(Buffer.from(JSON.stringify(document))),
      (error: Error) =>
        error instanceof StoredDataError && /What is stored of catalog cannot be used/.test(error.message),
    )
  })
}
