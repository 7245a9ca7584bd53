import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { eventually } from '../support/eventually.js'
import { noChromium } from './support/chromium.js'
import { Scene } from './support/scene.js'
import { type Look, Viewer, withBrowser } from './support/viewer.js'

const browser = withBrowser()
const skip = noChromium
let scene: Scene

before(async () => {
  if (skip) return
  scene = await Scene.open()
})

after(() => scene?.close())

async function open(hash: string, look: Look = {}): Promise<Viewer> {
  return Viewer.open(await browser(), scene.url, hash, look)
}

test('without any group the page says what to type', { skip }, async () => {
  const viewer = await open('')
  await viewer.page.getByText('There are no groups yet').waitFor()
  await viewer.page.getByText('rivvenctl consume TOPIC').first().waitFor()
  await viewer.check()
  await viewer.picture('groups-empty')
  await viewer.close()
})

const looks: Readonly<Record<string, Look>> = {
  light: {},
  dark: { theme: 'dark' },
  'a phone': { width: 360 },
}

for (const [name, look] of Object.entries(looks)) {
  test(`groups are listed by how they do: ${name}`, { skip }, async () => {
    await filled()
    const viewer = await open('#/groups', look)
    await viewer.page.locator('.badge').getByText('STOP').nth(1).waitFor()
    const names = (await viewer.page.locator('tbody th').allInnerTexts()).map((name) => name.trim())
    assert.deepEqual(names, ['invoice-mailer', 'search-index', 'audit', 'warehouse'])
    await viewer.check()
    await viewer.picture(`groups-${name.replace('a ', '')}`)
    await viewer.close()
  })
}

test('the list is filtered and put in order by the broker, and all of that is in the address', { skip }, async () => {
  await filled()
  const viewer = await open('#/groups')
  const { page } = viewer
  await page.getByRole('searchbox').fill('INVOICE')
  await page.locator('tbody tr').nth(1).waitFor({ state: 'detached' })
  await page.getByRole('button', { name: 'Lag', exact: true }).click()
  await page.locator('th[aria-sort=descending]').getByText('Lag').waitFor()
  assert.match(page.url(), /#\/groups\?search=INVOICE&sort=lag&order=desc$/)
  await page.getByLabel('State').selectOption('Stable')
  await page.getByText('No group is like that').waitFor()
  await page.getByRole('button', { name: 'Show all groups' }).click()
  await page.locator('tbody tr').nth(3).waitFor()
  assert.match(page.url(), /#\/groups\?sort=lag&order=desc$/)
  await viewer.close()
})

test('a list is gone through page by page', { skip }, async () => {
  await filled()
  for (let at = 0; at < 101; at += 1) await scene.group(`many-${at}`, 'orders', [0])
  const viewer = await open('#/groups?search=many&sort=group')
  const { page } = viewer
  await page.getByText('100 of 101').waitFor()
  await page.getByRole('button', { name: 'Next page' }).click()
  await page.getByText('1 of 101').waitFor()
  await page.getByRole('button', { name: 'First page' }).click()
  await page.getByText('100 of 101').waitFor()
  await viewer.close()
})

test('a group that comes is shown without being asked for', { skip }, async () => {
  const viewer = await open('#/groups?search=newcomer')
  await viewer.page.getByText('No group is like that').waitFor()
  await scene.topic('news', 1, 3)
  await scene.group('newcomer', 'news', [1])
  await viewer.page.getByRole('link', { name: 'newcomer' }).waitFor()
  await viewer.close()
})

test('all of it is done by keys', { skip }, async () => {
  await filled()
  const viewer = await open('#/groups')
  const { page } = viewer
  await page.getByText('invoice-mailer').waitFor()
  await page.keyboard.press('/')
  await page.keyboard.type('invoice')
  await page.locator('tbody tr').nth(1).waitFor({ state: 'detached' })
  await page.keyboard.press('Escape')
  await page.keyboard.press('j')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { level: 1, name: 'invoice-mailer' }).waitFor()
  await page.keyboard.press('g')
  await page.keyboard.press('g')
  await page.getByRole('heading', { level: 1, name: 'Groups' }).waitFor()
  await page.keyboard.press('?')
  await page.getByRole('dialog').waitFor()
  assert.deepEqual(await viewer.violations(), [])
  await viewer.picture('help')
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  await viewer.close()
})

test('a name that somebody has chosen to do harm is text', { skip }, async () => {
  const names = [
    '<script>alert(1)</script>',
    '</script><img src=x onerror=alert(1)>',
    'a\u202eb',
    'nul\0',
    '..',
    '~',
    '',
  ]
  await scene.topic('prey', 1, 1)
  for (const name of names) if (name !== '') await scene.group(`${name}`, 'prey', [0])
  const viewer = await open('#/groups?search=script')
  await viewer.page.getByRole('link', { name: '<script>alert(1)</script>' }).waitFor()
  await viewer.check()
  await viewer.go('#/groups?topic=prey')
  await viewer.page.getByRole('link', { name: 'a\\u202eb' }).waitFor()
  await viewer.page.getByRole('link', { name: 'nul\\u0000' }).waitFor()
  await viewer.picture('groups-hostile')
  await viewer.page.getByRole('link', { name: '..', exact: true }).click()
  await viewer.page.getByRole('heading', { level: 1, name: '..' }).waitFor()
  await viewer.check()
  await viewer.close()
})

test('the command of a row goes to the clipboard', { skip }, async () => {
  await filled()
  const viewer = await open('#/groups?search=invoice')
  await viewer.page.getByRole('button', { name: /Copy the command/ }).click()
  const copied = await viewer.page.evaluate('navigator.clipboard.readText()')
  assert.equal(copied, 'rivvenctl group lag invoice-mailer -o wide')
  await viewer.close()
})

test('while the broker is away the last values stay, with their age; when it is back the list is live again', {
  skip,
}, async () => {
  await filled()
  const viewer = await open('#/groups?search=invoice')
  const { page } = viewer
  await page.getByText('invoice-mailer').waitFor()
  await scene.rivven.restart('stop')
  await page.getByRole('alert').waitFor()
  assert.match(await page.getByRole('alert').innerText(), /What is shown is .* old/)
  await page.getByText('invoice-mailer').waitFor()
  await viewer.picture('groups-error')
  await page.getByRole('alert').waitFor({ state: 'detached' })
  await eventually(async () => assert.match(await page.locator('.live').innerText(), /live/))
  await viewer.check()
  await viewer.close()
})

test('the chosen theme stays', { skip }, async () => {
  const viewer = await open('#/groups')
  const theme = () => viewer.page.evaluate('document.documentElement.dataset.theme')
  await viewer.page.getByRole('button', { name: /^Theme/ }).click()
  assert.equal(await theme(), 'light')
  await viewer.page.getByRole('button', { name: /^Theme/ }).click()
  assert.equal(await theme(), 'dark')
  await viewer.page.reload()
  await viewer.page.getByRole('button', { name: /^Theme: dark/ }).waitFor()
  assert.equal(await theme(), 'dark')
  await viewer.close()
})

let filling: Promise<void> | undefined

/** Groups of all kinds, once. */
function filled(): Promise<void> {
  filling ??= (async () => {
    await scene.topic('orders', 3, 20)
    await scene.group('invoice-mailer', 'orders', [2, 0, 5])
    await scene.group('audit', 'orders', [20, 20, 20])
    await scene.group('search-index', 'orders', [20, 20, 19])
    await scene.group('warehouse', 'orders', [20, 20, 20])
  })()
  return filling
}
