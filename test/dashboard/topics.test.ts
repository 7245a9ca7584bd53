import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Producer } from '@rivven/client'
import type { Page } from 'playwright-core'
import { noChromium } from './support/chromium.js'
import { Scene } from './support/scene.js'
import { type Look, looks, Viewer, withBrowser } from './support/viewer.js'

const browser = withBrowser()
const skip = noChromium
let scene: Scene
let empty: Scene

before(async () => {
  if (skip) return
  scene = await Scene.open()
  empty = await Scene.open({ http_records: 'off' })
  await scene.topic('orders', 3, 40)
  await scene.topic('payments', 1, 2)
  await scene.topic('unread', 1)
  await scene.group('order-processors', 'orders', [1, 2, 3])
  await scene.group('audit', 'orders', [40, 40, 40])
  await writeHostile()
})

after(async () => {
  await scene?.close()
  await empty?.close()
})

const script = '<script>window.wasRun = true</script>'
const image = '</script><img src=x onerror="window.wasRun = true">'

async function writeHostile(): Promise<void> {
  await scene.topic('hostile', 1)
  const producer = new Producer({ bootstrapServers: scene.rivven.bootstrapServers })
  const records = [
    { key: script, value: image, headers: { [script]: image } },
    {
      key: Buffer.from('7fffffffffffffff', 'hex'),
      value: '{"id":12345678901234567890,"name":"\u202egnp.exe","list":[1.50]}',
    },
    { key: 'nul', value: 'a\0b\u2028c' },
    { key: 'large', value: `${'x'.repeat(1_000_000)} the end` },
    { key: 'bytes', value: Buffer.from([0xff, 0xfe, 0x41]) },
    { key: 'registry', value: Buffer.from([0, 0, 0, 0, 7, 2, 0x41]) },
    { key: 'gone', value: null },
  ]
  await Promise.all(records.map((record) => producer.send({ topic: 'hostile', partition: 0, ...record })))
  await producer.close()
}

async function open(hash: string, look: Look = {}, at = scene): Promise<Viewer> {
  return Viewer.open(await browser(), at.url, hash, look)
}

for (const [name, look] of Object.entries(looks)) {
  test(`topics are listed with what they hold and who reads them: ${name}`, { skip }, async () => {
    const viewer = await open('#/topics', look)
    await viewer.page.getByRole('link', { name: 'orders' }).waitFor()
    const text = await viewer.text()
    assert.match(text, /orders[\s\S]*KiB[\s\S]*7 d[\s\S]*2/)
    assert.match(text, /unread[\s\S]*nobody/)
    await viewer.check()
    await viewer.picture(`topics-${name}`)
    await viewer.close()
  })

  test(`a topic tells its partitions: ${name}`, { skip }, async () => {
    const viewer = await open('#/topics/orders', look)
    await viewer.page.getByRole('cell', { name: '✓ writable' }).nth(2).waitFor()
    assert.match(await viewer.text(), /Records\s*120/i)
    await viewer.check()
    await viewer.picture(`topic-${name}`)
    await viewer.close()
  })

  test(`records are shown as they are: ${name}`, { skip }, async () => {
    const viewer = await open('#/topics/hostile/records', look)
    const { page } = viewer
    await page.locator('details.record').nth(6).waitFor()
    for (const at of [0, 1, 2, 4, 5]) await openRecord(page, at)
    const text = await viewer.text()
    for (const shown of [script, image, '12345678901234567890', '1.50', '\\u202egnp.exe', 'a\\u0000b\\u2028c'])
      assert.ok(text.includes(shown), shown)
    assert.match(text, /9223372036854775807/)
    assert.match(text, /schema 7/)
    assert.match(text, /0000 {2}ff fe 41/)
    assert.match(text, /tombstone/)
    assert.equal(await page.evaluate('window.wasRun'), undefined)
    assert.equal(await page.locator('main script, main img').count(), 0)
    await viewer.check()
    await viewer.picture(`records-${name}`)
    await viewer.close()
  })
}

/** What is in it is drawn a moment after the click. */
async function openRecord(page: Page, at: number): Promise<void> {
  const record = page.locator('details.record').nth(at)
  await record.locator('summary').click()
  await record.locator('.record-parts').waitFor()
}

test('the whole of a large value is shown when it is asked for, and no link is made of it', { skip }, async () => {
  const viewer = await open('#/topics/hostile/records')
  const { page } = viewer
  await openRecord(page, 3)
  await page.getByRole('button', { name: 'Show all 977 KiB' }).click()
  await page.locator('pre').filter({ hasText: 'the end' }).waitFor()
  assert.ok(viewer.requests.includes('/api/topics/hostile/partitions/0/records/3/value'))
  await viewer.check()
  await viewer.close()
})

test('records are looked for by what they hold, from where one says, and all of that is in the address', {
  skip,
}, async () => {
  const viewer = await open('#/topics/orders/records')
  const { page } = viewer
  await page.getByRole('heading', { name: '48 records' }).waitFor()
  await page.getByLabel('Holding').fill('"order":7}')
  await page.getByRole('button', { name: 'Look', exact: true }).click()
  await page.getByRole('heading', { name: '1 record', exact: true }).waitFor()
  await page.getByLabel('Holding').fill('')
  await page.getByRole('combobox', { name: 'Show' }).selectOption('offset')
  await page.getByText('An offset is one of a partition: choose which.').waitFor()
  await page.getByRole('combobox', { name: 'Partition' }).selectOption('1')
  await page.getByRole('textbox', { name: 'Offset' }).fill('30')
  await page.getByRole('textbox', { name: 'Count' }).fill('4')
  await page.getByRole('button', { name: 'Look', exact: true }).click()
  await page.getByRole('heading', { name: '4 records' }).waitFor()
  await page.getByRole('button', { name: 'Go on from there' }).click()
  await page.locator('.place').getByText('1/34').waitFor()
  assert.match(page.url(), /way=offset&partition=1&offset=30&count=4&from=1%3A34/)
  await viewer.check()
  await viewer.close()
})

test('who reads a topic is told, the one that is most behind first', { skip }, async () => {
  const viewer = await open('#/topics/orders/readers')
  await viewer.page.getByRole('link', { name: 'audit' }).waitFor()
  assert.deepEqual(await viewer.page.locator('tbody th').allInnerTexts(), ['order-processors', 'audit'])
  await viewer.check()
  await viewer.picture('readers')
  await viewer.go('#/topics/unread/readers')
  await viewer.page.getByText('Nobody reads this topic').waitFor()
  await viewer.go('#/topics/orders/configs')
  await viewer.page.getByText('Nothing is set on this topic').waitFor()
  await viewer.check()
  await viewer.picture('configs-empty')
  await viewer.close()
})

test('where there is nothing the pages say what to type', { skip }, async () => {
  const viewer = await open('#/topics', {}, empty)
  await viewer.page.getByText('rivvenctl topic create orders').first().waitFor()
  await viewer.check()
  await viewer.picture('topics-empty')
  await viewer.go('#/topics/nothing')
  await viewer.page.getByText('There is no such topic').waitFor()
  await viewer.go('#/topics/~..')
  await viewer.page.getByText('rivvenctl topic create ..').first().waitFor()
  await empty.topic('secret', 1, 1)
  await viewer.go('#/topics/secret/records')
  await viewer.page.getByText('This broker shows no contents of records').waitFor()
  await viewer.check()
  await viewer.picture('records-off')
  assert.ok(!viewer.requests.some((path) => path.includes('/records?')))
  await viewer.close()
})
