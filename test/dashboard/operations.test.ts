import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Consumer, Producer } from '@rivven/client'
import { eventually } from '../support/eventually.js'
import { noChromium } from './support/chromium.js'
import { Scene } from './support/scene.js'
import { type Look, looks, Viewer, withBrowser } from './support/viewer.js'

const browser = withBrowser()
const skip = noChromium
/** Where one may change things, and where one may not. */
let scene: Scene
let shut: Scene
let producer: Producer

before(async () => {
  if (skip) return
  scene = await Scene.open({ http_actions: 'loopback' })
  shut = await Scene.open()
  await scene.topic('orders', 2, 20)
  await scene.topic('invoices', 1, 5)
  await scene.group('audit', 'invoices', [5])
  await scene.group('beyond', 'invoices', [1000])
  await scene.group('order-processors', 'orders', [12, 18])
  producer = new Producer({
    bootstrapServers: scene.rivven.bootstrapServers,
    transactionalId: 'copier-0',
    transactionTimeoutMs: 600_000,
  })
  const transaction = await producer.beginTransaction()
  await transaction.send({ topic: 'invoices', partition: 0, value: 'open' })
})

after(async () => {
  await producer?.close()
  await scene?.close()
  await shut?.close()
})

async function open(hash: string, look: Look = {}, at = scene): Promise<Viewer> {
  return Viewer.open(await browser(), at.url, hash, look)
}

async function committed(group: string): Promise<number[]> {
  const offsets = await scene.admin.listGroupOffsets(group)
  return offsets.map(({ offset }) => offset)
}

for (const [name, look] of Object.entries(looks)) {
  test(`committed offsets and who moved them are told: ${name}`, { skip }, async () => {
    const viewer = await open('#/groups/order-processors/offsets', look)
    await viewer.page.getByRole('heading', { name: 'Changes by those who are no members' }).waitFor()
    await viewer.page.getByText('the first of them expires').waitFor()
    assert.match(await viewer.text(), /orders\/1[\s\S]*18[\s\S]*20/)
    await viewer.check()
    await viewer.picture(`offsets-${name}`)
    await viewer.close()
  })

  test(`open transactions are told with who is held back: ${name}`, { skip }, async () => {
    const viewer = await open('#/transactions', look)
    await viewer.page.getByRole('link', { name: 'copier-0' }).waitFor()
    await viewer.check()
    await viewer.picture(`transactions-${name}`)
    await viewer.page.getByRole('link', { name: 'copier-0' }).click()
    await viewer.page.getByRole('link', { name: 'audit' }).waitFor()
    await viewer.page.getByText('rivvenctl transaction abort copier-0').first().waitFor()
    await viewer.check()
    await viewer.picture(`transaction-${name}`)
    await viewer.close()
  })

  test(`the cluster tells its brokers, their clients and what is set: ${name}`, { skip }, async () => {
    const viewer = await open('#/cluster', look)
    await viewer.page.getByText('http_actions').waitFor()
    await viewer.page.getByRole('rowheader', { name: 'rivven' }).waitFor()
    await viewer.check()
    await viewer.picture(`cluster-${name}`)
    await viewer.close()
  })

  test(`the doctor tells what is wrong, why and what to type: ${name}`, { skip }, async () => {
    const viewer = await open('#/doctor', look)
    await viewer.page.locator('.finding').first().waitFor()
    await viewer.check()
    await viewer.picture(`doctor-${name}`)
    await viewer.close()
  })
}

test('of one group the doctor tells, too', { skip }, async () => {
  const viewer = await open('#/groups/beyond/doctor')
  await viewer.page.locator('.finding').first().waitFor()
  await viewer.page.getByText('rivvenctl doctor beyond').waitFor()
  await viewer.check()
  await viewer.picture('group-doctor')
  await viewer.close()
})

test('offsets are moved after a plan and the name of the group, and one click takes it back', { skip }, async () => {
  const viewer = await open('#/groups/order-processors/offsets')
  const { page } = viewer
  const dialog = page.getByRole('dialog')
  await page.getByRole('button', { name: 'Move offsets…' }).click()
  await dialog.getByRole('button', { name: 'Show the plan' }).click()
  await dialog.getByRole('alert').getByText('Say since when').waitFor()
  await dialog.getByRole('combobox', { name: 'To' }).selectOption('shift')
  await dialog.getByLabel('Records; below 0: back').fill('-10')
  await dialog.getByLabel('Reason').fill('<b>bad release</b>')
  await dialog.getByRole('button', { name: 'Show the plan' }).click()
  await dialog.getByText('−10').nth(1).waitFor()
  await dialog.getByText('"order":4').waitFor()
  await dialog.getByText('20 records will be read again').waitFor()
  await viewer.check()
  await viewer.picture('reset-plan')
  assert.deepEqual(await committed('order-processors'), [12, 18])
  const reset = dialog.getByRole('button', { name: 'Reset', exact: true })
  await dialog.getByLabel('Type the group’s name').fill('order')
  assert.equal(await reset.isDisabled(), true)
  await dialog.getByLabel('Type the group’s name').fill('order-processors')
  await reset.click()
  await page.getByText('2 offsets were moved').waitFor()
  assert.deepEqual(await committed('order-processors'), [2, 8])
  await page.getByText('<b>bad release</b>').waitFor()
  await viewer.check()
  await viewer.picture('reset-done')
  await page.getByRole('button', { name: /^Undo change/ }).click()
  await page.getByText(/undoes \d/).waitFor()
  assert.deepEqual(await committed('order-processors'), [12, 18])
  await viewer.close()
})

test('members hand over while their offsets are moved from the page', { skip }, async () => {
  await scene.topic('live', 1, 10)
  const { bootstrapServers } = scene.rivven
  const consumer = new Consumer({
    bootstrapServers,
    groupId: 'readers',
    autoOffsetReset: 'earliest',
    heartbeatIntervalMs: 100,
  })
  await consumer.subscribe('live')
  const read: number[] = []
  let isOver = false
  const reading = (async () => {
    while (!isOver) for (const { offset } of await consumer.poll(50)) read.push(offset)
  })()
  await eventually(() => assert.equal(read.length, 10))
  await consumer.commit()
  const viewer = await open('#/groups/readers/offsets')
  const { page } = viewer
  await page.getByRole('button', { name: 'Move offsets…' }).click()
  await page.getByRole('combobox', { name: 'To' }).selectOption('earliest')
  await page.getByRole('button', { name: 'Show the plan' }).click()
  await page.getByText('1 member is asked to hand over within 30 s').waitFor()
  await page.getByLabel('Type the group’s name').fill('readers')
  await page.getByRole('button', { name: 'Reset', exact: true }).click()
  await page.getByText('handed over, generation').first().waitFor()
  await eventually(() => assert.equal(read.length, 20))
  isOver = true
  await reading
  await consumer.close()
  await viewer.close()
})

test('where nothing may be changed the page shows commands instead', { skip }, async () => {
  await shut.topic('orders', 1, 5)
  await shut.group('order-processors', 'orders', [3])
  await shut.admin.call('POST', '/api/groups/order-processors/resets', { body: { to: 'earliest' } })
  const viewer = await open('#/groups/order-processors/offsets', {}, shut)
  const { page } = viewer
  await page.getByText(/rivvenctl group undo order-processors \d/).waitFor()
  await page.getByRole('button', { name: 'Move offsets…' }).click()
  await page.getByText('This address changes nothing').waitFor()
  assert.equal(await page.getByRole('button', { name: 'Show the plan' }).count(), 0)
  await page.getByText('rivvenctl group reset-offsets order-processors --all-topics --to-datetime TIME').waitFor()
  await viewer.check()
  await viewer.picture('reset-off')
  await page.getByRole('button', { name: 'Close' }).click()
  await viewer.go('#/transactions')
  await page.getByText('No transaction is open').waitFor()
  await viewer.check()
  await viewer.picture('transactions-empty')
  await viewer.close()
})

test('a transaction that hangs is ended when its id is typed', { skip }, async () => {
  const viewer = await open('#/transactions/copier-0')
  const { page } = viewer
  await page.getByLabel('Type the transactional id').fill('copier-0')
  await page.getByRole('button', { name: 'Abort', exact: true }).click()
  await page.getByText('none is open').waitFor()
  await viewer.check()
  await viewer.close()
})

test('when the broker is gone the last values stay, and the page says since when', { skip }, async () => {
  const viewer = await open('#/doctor', {}, shut)
  // Code of pages is loaded when they are gone to.
  for (const [page, heading] of Object.entries({
    topics: 'Topics',
    transactions: 'Transactions',
    cluster: 'Broker 1',
  })) {
    await viewer.go(`#/${page}`)
    await viewer.page.getByRole('heading', { name: heading, exact: true }).waitFor()
  }
  await shut.rivven.close()
  await viewer.page.getByRole('alert').first().waitFor()
  await viewer.page
    .getByText(/What is shown is .* old/)
    .first()
    .waitFor()
  await viewer.check()
  await viewer.picture('cluster-error')
  for (const page of ['topics', 'transactions', 'doctor']) {
    await viewer.go(`#/${page}`)
    await viewer.page.getByRole('alert').first().waitFor()
  }
  await viewer.close()
})
