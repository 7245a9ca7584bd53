import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Consumer } from '@rivven/client'
import { eventually } from '../support/eventually.js'
import { PuppetMember } from '../support/puppet-member.js'
import { noChromium } from './support/chromium.js'
import { Scene } from './support/scene.js'
import { type Look, Viewer, withBrowser } from './support/viewer.js'

const browser = withBrowser()
const skip = noChromium
const members: Consumer[] = []
let scene: Scene

before(async () => {
  if (skip) return
  scene = await Scene.open()
  await scene.topic('orders', 12, 20)
  await scene.group('readers', 'orders', [20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 4, 0])
})

after(async () => {
  for (const member of members) await member.close()
  await scene?.close()
})

function open(hash: string, look: Look = {}): Promise<Viewer> {
  return browser().then((one) => Viewer.open(one, scene.url, hash, look))
}

/** One more member; it reads nothing, so what waits goes on waiting. */
async function join(name: string): Promise<Consumer> {
  const { bootstrapServers } = scene.rivven
  const consumer = new Consumer({ bootstrapServers, groupId: 'readers', clientId: name, enableAutoCommit: false })
  members.push(consumer)
  await consumer.subscribe(['orders'])
  await eventually(async () => {
    // The others hand over while they poll.
    for (const member of members) await member.poll(20)
    assert.ok(consumer.assignment().length > 0)
  })
  return consumer
}

test('a group that nobody knows says how it would come', { skip }, async () => {
  const viewer = await open('#/groups/nobody')
  await viewer.page.getByText('There is no such group').waitFor()
  await viewer.check()
  await viewer.picture('group-gone')
  await viewer.close()
})

test('members that come make tiles fly to them, and the table says the same', { skip }, async () => {
  const viewer = await open('#/groups/readers', { moves: true })
  const { page } = viewer
  await page.getByRole('img', { name: '12 partitions of 0 members' }).waitFor()
  await join('first')
  await page.getByRole('img', { name: '12 partitions of 1 members' }).waitFor()
  await join('second')
  await page.getByRole('img', { name: '12 partitions of 2 members' }).waitFor()
  await eventually(async () => {
    for (const member of members) await member.poll(10)
    const moved = await page.locator('canvas').getAttribute('data-moved')
    assert.ok(Number(moved) >= 18, `${moved} tiles have moved`)
  })
  await eventually(async () => {
    const owners = await page.locator('td[data-label=Owner]').allInnerTexts()
    assert.equal(owners.filter((owner) => owner.startsWith('first')).length, 6)
    assert.equal(owners.filter((owner) => owner.startsWith('second')).length, 6)
  })
  await viewer.check()
  await viewer.close()
})

const looks: Readonly<Record<string, Look>> = { light: {}, dark: { theme: 'dark' }, phone: { width: 360 } }

for (const [name, look] of Object.entries(looks)) {
  test(`the map and its table: ${name}`, { skip }, async () => {
    const viewer = await open('#/groups/readers/now', look)
    await viewer.page.getByRole('img', { name: '12 partitions' }).waitFor()
    await viewer.page.locator('tbody .badge').getByText('STOP').first().waitFor()
    await viewer.picture(`group-now-${name}`)
    await viewer.check()
    await viewer.close()
  })
}

for (const [name, look] of Object.entries(looks)) {
  test(`the timeline: ${name}`, { skip }, async () => {
    const viewer = await open('#/groups/readers/timeline', look)
    const { page } = viewer
    await page.getByRole('heading', { name: 'Generation 2: member joined' }).waitFor()
    await page.getByText('second joined.').waitFor()
    await viewer.picture(`group-timeline-${name}`)
    await viewer.check()
    await viewer.close()
  })
}

test('rebalances are gone through by keys, and replayed', { skip }, async () => {
  const viewer = await open('#/groups/readers/timeline', { moves: true })
  const { page } = viewer
  await page.getByRole('heading', { name: 'Generation 2: member joined' }).waitFor()
  await page.keyboard.press('[')
  await page.getByRole('heading', { name: 'Generation 1: first member' }).waitFor()
  assert.match(page.url(), /timeline\?at=\d+$/)
  await page.keyboard.press(']')
  await page.getByRole('heading', { name: 'Generation 2: member joined' }).waitFor()
  await page.keyboard.press('Space')
  await page.getByText('before', { exact: true }).waitFor()
  await page.getByText('after', { exact: true }).waitFor()
  await eventually(async () => assert.equal(await page.locator('canvas').getAttribute('data-moved'), '12'))
  await viewer.close()
})

for (const [name, look] of Object.entries(looks)) {
  test(`how far it is behind: ${name}`, { skip }, async () => {
    const viewer = await open('#/groups/readers/lag?by=member', look)
    const { page } = viewer
    await page.getByRole('img', { name: 'Records behind' }).locator('canvas').waitFor()
    const second = page.locator('.table tbody tr', { hasText: 'second' })
    await eventually(async () => assert.match(await second.innerText(), /36[\s\S]*100 %/))
    await viewer.picture(`group-lag-${name}`)
    await viewer.check()
    await page.getByLabel('Added up by').selectOption('topic')
    await page.locator('.table tbody tr', { hasText: 'orders' }).waitFor()
    await viewer.close()
  })
}

test('a phone shows a group that waits for a member, too', { skip }, async () => {
  const { bootstrapServers } = scene.rivven
  const puppet = () => new PuppetMember({ bootstrapServers, groupId: 'waiting', topic: 'orders', protocol: 'range' })
  const [first, second] = [puppet(), puppet()]
  await first.join()
  await first.assign({ [first.memberId]: [0, 1, 2] })
  const joined = second.join()
  joined.catch(() => undefined)
  const viewer = await open('#/groups/waiting', { width: 360 })
  await viewer.page.getByText('PreparingRebalance').waitFor()
  await viewer.picture('group-waiting-phone')
  await viewer.check()
  await viewer.close()
  await first.close()
  await second.close()
})

test('pointing at a tile tells of its partition', { skip }, async () => {
  const viewer = await open('#/groups/readers/now')
  const { page } = viewer
  await page.getByRole('img', { name: '12 partitions' }).waitFor()
  await eventually(async () => {
    await page.locator('canvas').hover({ position: { x: 30, y: 45 } })
    assert.match(await page.locator('.tip').innerText(), /^orders\/\d+\nowned by /)
  })
  await viewer.picture('group-now-tip')
  await viewer.close()
})
