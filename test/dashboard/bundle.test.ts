import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { noChromium } from './support/chromium.js'
import { Scene } from './support/scene.js'
import { Viewer, withBrowser } from './support/viewer.js'

const assets = join(import.meta.dirname, '../../../packages/broker/assets')
const files = readdirSync(join(assets, 'files'))
const browser = withBrowser()

const sizeOf = (path: string): number => statSync(join(assets, path)).size

test('all of the dashboard is less than 120 KB, compressed', () => {
  const compressed = files.filter((name) => name.endsWith('.gz')).map((name) => sizeOf(`files/${name}`))
  const size = compressed.reduce((sum, one) => sum + one, sizeOf('index.html.gz'))
  assert.ok(size < 120_000, `${size} bytes`)
})

test('the first view is less than 50 KB, compressed', { skip: noChromium }, async () => {
  const scene = await Scene.open()
  const viewer = await Viewer.open(await browser(), scene.url, '')
  await viewer.page.getByText('There are no groups yet').waitFor()
  const loaded = viewer.requests.filter((path) => path.startsWith('/files/'))
  assert.ok(loaded.length >= 3, `${loaded}`)
  const size = loaded.reduce((sum, path) => sum + sizeOf(`${path}.gz`), sizeOf('index.html.gz'))
  assert.ok(size < 50_000, `${size} bytes`)
  await viewer.close()
  await scene.close()
})

test('rivvend has the same files', () => {
  const program = join(import.meta.dirname, '../../../packages/rivvend/dist/assets')
  assert.deepEqual(readdirSync(join(program, 'files')), files)
  assert.deepEqual(readFileSync(join(program, 'index.html')), readFileSync(join(assets, 'index.html')))
})

test('licences of what is in it go with it', () => {
  const notices = readFileSync(join(assets, 'THIRD-PARTY-NOTICES.txt'), 'utf8')
  for (const name of ['preact', '@preact/signals', 'uplot']) assert.match(notices, new RegExp(`^${name} \\d`, 'm'))
  assert.ok(existsSync(join(assets, 'index.html')))
})
