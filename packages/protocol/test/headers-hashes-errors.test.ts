import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { allApis, decodeRequestHeader, ErrorCode, errorOf, javaStringHash, murmur2, partitionForGroup, partitionForKey } from '@rivven/protocol'

const vectors = (name: string) => JSON.parse(readFileSync(join(import.meta.dirname, '../../test/vectors', `${name}.json`), 'utf8'))

test('each error has the code, name and remedy that Kafka gives it', () => {
  for (const { code, name, retriable, refreshMetadata } of vectors('error-codes').errors) {
    const error = errorOf(code)
    assert.deepEqual([error.name, error.retriable, error.refreshMetadata], [name, retriable, refreshMetadata])
    assert.equal(ErrorCode[error.name], code)
  }
  assert.equal(errorOf(31_000).name, 'UNKNOWN_SERVER_ERROR')
})

test('each API has the key, versions and first flexible version that Kafka gives it', () => {
  for (const api of allApis) {
    const facts = vectors('headers').apis.find((row: { key: number }) => row.key === api.key)
    assert.deepEqual([api.name, api.versions.min, api.versions.max], [facts.name, facts.minVersion, facts.maxVersion])
    assert.equal(Number.isFinite(api.flexibleSince) ? api.flexibleSince : null, facts.flexibleSince)
  }
})

test('request headers are read in each of their forms', () => {
  const known = new Set(allApis.map((api) => api.key))
  for (const { version, json, base64 } of vectors('headers').requestHeaders) {
    if (!known.has(json.requestApiKey)) continue
    const flexible = (allApis.find((api) => api.key === json.requestApiKey)?.flexibleSince ?? Number.POSITIVE_INFINITY) <= json.requestApiVersion
    if (flexible !== (version === 2)) continue
    const bytes = Buffer.from(base64, 'base64')
    const { bodyOffset, ...header } = decodeRequestHeader(bytes)
    assert.equal(bodyOffset, bytes.length)
    assert.deepEqual(header, { apiKey: json.requestApiKey, apiVersion: json.requestApiVersion, correlationId: json.correlationId, clientId: json.clientId ?? null })
  }
})

test('keys and groups go to the partitions where Kafka puts them', () => {
  const { murmur2: keys, groups, transactionalIds } = hashVectors()
  for (const { bytes, hash, partitions } of keys) {
    assert.equal(murmur2(bytes), hash)
    for (const [count, partition] of partitions) assert.equal(partitionForKey(bytes, count), partition)
  }
  for (const { id, hash, partitions } of [...groups, ...transactionalIds]) {
    if (hash !== undefined) assert.equal(javaStringHash(id), hash)
    for (const [count, partition] of partitions) assert.equal(partitionForGroup(id, count), partition)
  }
})
