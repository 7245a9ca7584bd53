import assert from 'node:assert/strict'
import { readFile, stat } from 'node:fs/promises'
import { type TestContext, test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { AssetFiles } from '../../src/http/dashboard/asset-files.js'
import { dashboardPages } from '../../src/http/dashboard/dashboard-pages.js'
import { servedPages } from './served-pages.js'

const content: Readonly<Record<string, string>> = {
  'index.html': '<!doctype html>',
  'files/main-ABC.js': 'go()',
  'secret.txt': 'no',
}

/** A disk that has such files, and knows what was asked of it. */
function diskWith(made: Readonly<Record<string, string>>) {
  const asked: string[] = []
  const find = (path: string): Buffer | undefined => {
    const [name = '', text] =
      Object.entries(made).find(([each]) => path.replace(/\.gz$/, '').endsWith(`assets/${each}`)) ?? []
    asked.push(name)
    return text === undefined ? undefined : Buffer.from(path.endsWith('.gz') ? `compressed ${text}` : text)
  }
  const readFile = async (path: string) => {
    const found = find(path)
    if (!found) throw Object.assign(new Error(path), { code: 'ENOENT' })
    return found
  }
  return { asked, readFile, sizeOf: async (path: string) => find(path)?.length }
}

async function served(t: TestContext, made = content) {
  const disk = diskWith(made)
  const { url } = await servedPages(t, { pages: dashboardPages(disk), routes: [] })
  return { disk, get: (path: string, headers: Record<string, string> = {}) => fetch(`${url}${path}`, { headers }) }
}

test('nothing is read before the first request, and nothing twice', async (t) => {
  const { disk, get } = await served(t)
  assert.deepEqual(disk.asked, [])
  await (await get('/', { 'accept-encoding': 'identity' })).text()
  const { length } = disk.asked
  assert.ok(length > 0)
  await (await get('/', { 'accept-encoding': 'identity' })).text()
  assert.equal(disk.asked.length, length)
})

test('the page is asked for anew each time, and has a policy of its own', async (t) => {
  const { get } = await served(t)
  const answer = await get('/', { 'accept-encoding': 'identity' })
  assert.equal(await answer.text(), '<!doctype html>')
  assert.equal(answer.headers.get('content-type'), 'text/html; charset=utf-8')
  assert.equal(answer.headers.get('cache-control'), 'no-cache')
  assert.equal(
    answer.headers.get('content-security-policy'),
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'",
  )
  for (const [name, value] of [
    ['x-content-type-options', 'nosniff'],
    ['referrer-policy', 'no-referrer'],
    ['cross-origin-opener-policy', 'same-origin'],
    ['cross-origin-resource-policy', 'same-origin'],
  ] as const)
    assert.equal(answer.headers.get(name), value)
  const etag = answer.headers.get('etag') ?? ''
  assert.equal((await get('/', { 'if-none-match': etag })).status, 304)
  assert.equal((await get('/', { 'if-none-match': '"another"' })).status, 200)
})

test('files are named by their content, and kept for ever', async (t) => {
  const { get } = await served(t)
  const answer = await get('/files/main-ABC.js', { 'accept-encoding': 'identity' })
  assert.equal(await answer.text(), 'go()')
  assert.equal(answer.headers.get('content-type'), 'text/javascript; charset=utf-8')
  assert.equal(answer.headers.get('cache-control'), 'public, max-age=31536000, immutable')
  assert.equal(answer.headers.get('content-encoding'), null)
})

test('nothing else of the disk is had', async (t) => {
  const { get } = await served(t)
  for (const path of [
    '/files/other.js',
    '/files/..%2Fsecret.txt',
    '/files/..%2findex.html',
    '/files/.hidden.js',
    '/secret.txt',
  ])
    assert.equal((await get(path)).status, 404, path)
})

test('an installation without it says so', async (t) => {
  const { get } = await served(t, {})
  const answer = await get('/')
  assert.equal(answer.status, 404)
  assert.match(await answer.text(), /not a part of this installation/)
})

test('what was built is found, as it is and compressed', async () => {
  const sizeOf = (path: string) =>
    stat(path).then(
      ({ size }) => size,
      () => undefined,
    )
  const page = await new AssetFiles({ readFile, sizeOf }).find('index.html')
  assert.match(page?.plain.toString() ?? '', /<title>Rivven<\/title>/)
  assert.deepEqual(page && gunzipSync(page.gzip), page?.plain)
})
