import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { nodeDisk } from '../../src/index.js'

const folder = mkdtempSync(join(tmpdir(), 'rivven-disk-'))
after(() => rmSync(folder, { recursive: true }))

test('what is written in chunks is read back where it was put', async () => {
  const file = await nodeDisk.open(join(folder, 'chunks'), 'write')
  await file.write([Buffer.from('abc'), Buffer.from('def')], 2)
  file.writeNow([Buffer.from('g')], 8)
  file.writeNow([Buffer.from('h'), Buffer.from('i')], 9)
  await file.sync()
  const target = Buffer.alloc(20)
  assert.equal(await file.read(target, 2), 9)
  assert.equal(target.toString('latin1', 0, 9), 'abcdefghi')
  assert.equal(await file.size(), 11)
  await file.close()
})

test('more chunks than one system call takes arrive in order', async () => {
  const file = await nodeDisk.open(join(folder, 'many'), 'write')
  const chunks = Array.from({ length: 3000 }, (_, index) => Buffer.from([index & 255, index >> 8]))
  file.writeNow(chunks, 0)
  await file.write(chunks, 6000)
  const target = Buffer.alloc(12000)
  assert.equal(await file.read(target, 0), 12000)
  assert.deepEqual(target, Buffer.concat([...chunks, ...chunks]))
  await file.close()
})

test('opening to write keeps the content, opening to read what is not there fails with ENOENT', async () => {
  const path = join(folder, 'kept')
  await nodeDisk.replaceFile(path, Buffer.from('first'))
  const file = await nodeDisk.open(path, 'write')
  await file.truncate(3)
  await file.close()
  assert.equal((await nodeDisk.readFile(path)).toString(), 'fir')
  await assert.rejects(nodeDisk.open(join(folder, 'nothing'), 'read'), { code: 'ENOENT' })
})

test('files and folders can be listed, renamed, measured and removed, also what is not there', async () => {
  const inner = join(folder, 'a', 'b')
  await nodeDisk.makeFolder(inner)
  await nodeDisk.replaceFile(join(inner, 'x'), Buffer.from('12'))
  await nodeDisk.rename(join(inner, 'x'), join(inner, 'y'))
  await nodeDisk.syncFolder(inner)
  assert.deepEqual(await nodeDisk.list(inner), ['y'])
  assert.equal(await nodeDisk.sizeOf(join(inner, 'y')), 2)
  assert.equal(await nodeDisk.sizeOf(join(inner, 'x')), undefined)
  await nodeDisk.remove(join(folder, 'a'))
  await nodeDisk.remove(join(folder, 'a'))
  await assert.rejects(nodeDisk.list(inner), { code: 'ENOENT' })
})

test('an error names its file, also of one that was open', async () => {
  const path = join(folder, 'open')
  await (await nodeDisk.open(path, 'write')).close()
  const file = await nodeDisk.open(path, 'read')
  const named = (code: string, of = path) => ({ code, path: of, message: new RegExp(`^${code}.*'${of}'$`) })
  await assert.rejects(file.write([Buffer.from('a')], 0), named('EBADF'))
  assert.throws(() => file.writeNow([Buffer.from('a')], 0), named('EBADF'))
  await file.close()
  await assert.rejects(nodeDisk.readFile(folder), named('EISDIR', folder))
  await assert.rejects(nodeDisk.readFile(join(folder, 'nothing')), named('ENOENT', join(folder, 'nothing')))
})

test('a private file is for its owner only, also when it replaces one that was not', {
  skip: process.platform === 'win32',
}, async () => {
  const path = join(folder, 'private')
  writeFileSync(`${path}.new`, 'left by a crash', { mode: 0o644 })
  await nodeDisk.replaceFile(path, Buffer.from('open'))
  writeFileSync(`${path}.new`, 'left by a crash', { mode: 0o644 })
  await nodeDisk.replaceFile(path, Buffer.from('secret'), 'private')
  assert.equal(statSync(path).mode & 0o777, 0o600)
  assert.equal(String(await nodeDisk.readFile(path)), 'secret')
})
