import assert from 'node:assert/strict'
import { test } from 'node:test'
import { allChecks } from '@rivven/doctor'
import { allPages } from './pages.js'

const pages = await allPages()
const ids = allChecks.map(({ id }) => id)

function pageNamed(name: string): string {
  return pages.find((page) => page.name === name)!.text
}

test('docs/doctor.md has a place for each check and for no other, with something to read there', () => {
  const sections = pageNamed('docs/doctor.md').split(/^### /m).slice(1)
  const headings = sections.map((section) => section.slice(0, section.indexOf('\n')))
  assert.deepEqual(headings.sort(), ids.map((id) => `\`${id}\``).sort())
  for (const section of sections) assert.ok(section.split('\n').join(' ').length > 100, section)
})

test('rows of docs/troubleshooting.md about groups end with checks that there are', () => {
  const rows = pageNamed('docs/troubleshooting.md')
    .split(/^## /m)
    .filter((section) => /^(Frequent rebalances|Growing lag|Duplicates)/.test(section))
    .flatMap((section) => section.split('\n').filter((line) => /^\| (?!---)/.test(line)))
    .filter((row) => !row.endsWith('| doctor |'))
  assert.ok(rows.length > 10)
  for (const row of rows) {
    const named = [
      ...row
        .split('|')
        .at(-2)!
        .matchAll(/`([a-z-]+)`/g),
    ].map(([, id]) => id!)
    assert.ok(named.length > 0, row)
    for (const id of named) assert.ok(ids.includes(id), `${id} in: ${row}`)
  }
})
