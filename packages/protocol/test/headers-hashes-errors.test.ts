import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import {
  type Api,
  allApis,
  apiByKey,
  contiguous,
  decodeRequest,
  decodeRequestHeader,
  decodeResponse,
  ErrorCode,
  encodeRequest,
  encodeResponse,
  errorOf,
  javaStringHash,
  murmur2,
  partitionForGroup,
  partitionForKey,
} from '@rivven/protocol'

const vectors = (name: string) =>
  JSON.parse(readFileSync(join(import.meta.dirname, '../../test/vectors', `${name}.json`), 'utf8'))

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
  const flexibleSince = new Map(allApis.map((api) => [api.key, api.flexibleSince]))
  let read = 0
  for (const { headerVersion, json, base64 } of vectors('headers').requestHeaders) {
    const since = flexibleSince.get(json.requestApiKey)
    if (since === undefined || json.requestApiVersion >= since !== (headerVersion === 2)) continue
    const bytes = Buffer.from(base64, 'base64')
    const { bodyOffset, ...header } = decodeRequestHeader(bytes)
    assert.equal(bodyOffset, bytes.length)
    const { requestApiKey, requestApiVersion, correlationId, clientId } = json
    assert.deepEqual(header, { apiKey: requestApiKey, apiVersion: requestApiVersion, correlationId, clientId })
    read++
  }
  assert.ok(read >= 5)
})

test('whole frames are read, and written again byte for byte', () => {
  let read = 0
  for (const { direction, apiKey, version, bodyVersion, correlationId, clientId, base64 } of vectors('headers')
    .frames) {
    const api = apiByKey(apiKey)
    if (!api || (direction === 'request' && version > api.versions.max)) continue
    const frame = Buffer.from(base64, 'base64').subarray(4)
    const written =
      direction === 'request' ? requestAgain(api, frame) : responseAgain(api, bodyVersion ?? version, frame)
    assert.equal(written.toString('base64'), base64)
    assert.equal(frame.readInt32BE(direction === 'request' ? 4 : 0), correlationId)
    if (direction === 'request') assert.equal(decodeRequestHeader(frame).clientId, clientId)
    read++
  }
  assert.ok(read >= 10)
})

function requestAgain(api: Api, frame: Buffer): Buffer {
  const { apiVersion, bodyOffset, ...header } = decodeRequestHeader(frame)
  return Buffer.concat(encodeRequest(api, apiVersion, header, decodeRequest(api, apiVersion, frame, bodyOffset)))
}

function responseAgain(api: Api, version: number, frame: Buffer): Buffer {
  const { correlationId, message } = decodeResponse(api, version, frame)
  return contiguous(encodeResponse(api, version, correlationId, message))
}

test('keys and groups go to the partitions where Kafka puts them', () => {
  const hashes = vectors('hashes')
  for (const { key, murmur2: hash, partition } of hashes.murmur2) {
    const bytes = Buffer.from(key, 'base64')
    assert.equal(murmur2(bytes), hash)
    for (const [count, expected] of Object.entries(partition))
      assert.equal(partitionForKey(bytes, Number(count)), expected)
  }
  for (const { id, hash, partition } of [...hashes.groups, ...hashes.transactionalIds]) {
    assert.equal(javaStringHash(id), hash)
    for (const [count, expected] of Object.entries(partition))
      assert.equal(partitionForGroup(id, Number(count)), expected)
  }
})
