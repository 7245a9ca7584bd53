import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compressZstd, decompressZstd } from '../../src/records/compression/zstd.js'
import { zstdByPackage } from '../../src/records/compression/zstd-by-package.js'
import { zstdByZlib } from '../../src/records/compression/zstd-by-zlib.js'

const content = Buffer.from(Array.from({ length: 400_000 }, (_, at) => 97 + ((at * at) % 23)))
const skip = zstdByZlib === undefined ? 'this Node has no zstd in node:zlib' : false
const engines = { 'the package': zstdByPackage, 'node:zlib': zstdByZlib ?? zstdByPackage }

for (const [writing, writer] of Object.entries(engines)) {
  for (const [reading, reader] of Object.entries(engines)) {
    const needsZlib = writing !== 'the package' || reading !== 'the package'
    test(`zstd: what ${writing} wrote, ${reading} reads`, { skip: needsZlib && skip }, () => {
      const frame = compressZstd(content, writer)
      assert.deepEqual(decompressZstd(frame, content.length, reader), content)
      assert.deepEqual(decompressZstd(Buffer.concat([frame, frame]), 2 * content.length, reader).length, 800_000)
      assert.throws(() => decompressZstd(frame, content.length - 1, reader), { fault: 'tooLarge' })
      assert.throws(() => decompressZstd(Buffer.concat([frame, frame]), 799_999, reader), { fault: 'tooLarge' })
    })
  }
}
