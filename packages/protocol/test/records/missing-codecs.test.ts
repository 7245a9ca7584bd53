import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import { compress, crc32c } from '../../src/index.js'
import { crc32cByTable } from '../../src/records/crc32c.js'

const protocol = new URL('../../src/index.js', import.meta.url).href

/** What `program` returns in a process that does not find `packages`; `protocol` and `loaded()` are at hand in it. */
function without(packages: string[], program: string): unknown {
  const source = `
    import Module from 'node:module'
    const resolve = Module._resolveFilename
    Module._resolveFilename = function (name, ...rest) {
      if (${JSON.stringify(packages)}.includes(name)) throw new Error('Cannot find native binding.')
      return resolve.call(this, name, ...rest)
    }
    const loaded = () => Object.keys(Module._cache).filter((file) => file.endsWith('.node')).length
    const protocol = await import(${JSON.stringify(protocol)})
    const result = await (async () => { ${program} })()
    console.log(JSON.stringify(result))`
  return JSON.parse(execFileSync(process.execPath, ['--input-type=module', '--eval', source], { encoding: 'utf8' }))
}

const roundTrips = `
  const data = Buffer.from('abc'.repeat(1000))
  return protocol.codecs.map((codec) => {
    try {
      return protocol.decompress(codec, protocol.compress(codec, data)).equals(data) ? codec : 'other bytes'
    } catch (error) { return [error.name, error.fault, error.message] }
  })`

test('a codec whose package is missing fails with a hint, and no other one does', () => {
  const [none, gzip, snappy, lz4, zstd] = without(['lz4-napi'], roundTrips) as [...string[]]
  assert.deepEqual([none, gzip, snappy, zstd], ['none', 'gzip', 'snappy', 'zstd'])
  assert.deepEqual(lz4?.slice(0, 2), ['RecordsError', 'unavailable'])
  assert.match(String(lz4?.[2]), /Compression lz4 .*package lz4-napi .*npm install lz4-napi/)
})

test('without any native package batches are still built, checked and read', () => {
  const program = `
    const records = [{ key: 'k', value: 'v' }]
    const read = ['none', 'gzip'].map((codec) => {
      const batch = protocol.buildBatch({ records, codec })
      return protocol.isBatchCrcRight(batch) && [...protocol.readRecords(batch)].map(({ value }) => String(value))
    })
    return [read, loaded()]`
  const natives = ['lz4-napi', 'snappy', '@toondepauw/node-zstd', '@node-rs/crc32']
  assert.deepEqual(without(natives, program), [[['v'], ['v']], 0])
})

test('LZ4 and Snappy are read without their packages', () => {
  const data = Buffer.alloc(3000, 'rivven')
  for (const codec of ['lz4', 'snappy'] as const) {
    const bytes = compress(codec, data).toString('base64')
    const program = `return protocol.decompress('${codec}', Buffer.from('${bytes}', 'base64')).length`
    assert.equal(without(['lz4-napi', 'snappy'], program), 3000, codec)
  }
})

test('native packages are loaded at their first use, each alone', () => {
  const program = `
    const before = loaded()
    protocol.compress('gzip', Buffer.from('a'))
    const afterGzip = loaded()
    protocol.compress('lz4', Buffer.from('a'))
    return [before, afterGzip, loaded()]`
  assert.deepEqual(without([], program), [0, 0, 1])
})

test('CRC-32C by table and by machine are one', () => {
  const bytes = Buffer.from(Array.from({ length: 1000 }, (_, at) => (at * 7919) & 0xff))
  for (const length of [0, 1, 9, 1000]) {
    const some = bytes.subarray(0, length)
    assert.equal(crc32cByTable(some), crc32c(some))
    assert.equal(crc32cByTable(some, 0xdeadbeef), crc32c(some, 0xdeadbeef))
  }
  assert.equal(crc32cByTable(Buffer.from('123456789')), 0xe3069283)
})
