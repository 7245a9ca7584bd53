import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { mergedPages } from '../../src/api/lists/list-answer.js'
import { type PageAsked, PageOf, type SortKey } from '../../src/api/lists/page-of.js'
import { Problem } from '../../src/api/problem.js'

interface Row {
  readonly name: string
  readonly key: SortKey
}

function page(rows: Iterable<Row>, asked: PageAsked) {
  const made = PageOf.begin<Row>(asked)
  assert.ok(made instanceof PageOf)
  for (const row of rows) made.offer(row.key, row.name, row)
  return { items: made.items, total: made.total, next: made.next(), missing: [] }
}

/** The names on all pages, read one after the other; between two `change` may have its way. */
function readAll(rows: Map<string, Row>, asked: Omit<PageAsked, 'cursor'>, change = (): void => undefined): string[] {
  const names: string[] = []
  let cursor = ''
  for (;;) {
    const { items, next } = page(rows.values(), { ...asked, cursor })
    names.push(...items.map(({ name }) => name))
    if (next === null) return names
    cursor = next
    change()
  }
}

const order = fc.constantFrom('asc' as const, 'desc' as const)
const anyKey = fc.option(fc.integer({ min: 0, max: 5 }), { nil: null })
const anyRows = fc
  .uniqueArray(fc.string(), { maxLength: 60 })
  .chain((names) => fc.tuple(...names.map((name) => anyKey.map((key): Row => ({ name, key })))))

function inOrder(rows: readonly Row[], order: 'asc' | 'desc'): string[] {
  const sign = order === 'asc' ? 1 : -1
  const sorted = [...rows].sort((a, b) => {
    if (a.key === b.key) return a.name < b.name ? -1 : 1
    if (a.key === null || b.key === null) return a.key === null ? 1 : -1
    return sign * ((a.key as number) - (b.key as number))
  })
  return sorted.map(({ name }) => name)
}

test('all pages together are the list in its order: each row once, and those without a key last', () => {
  fc.assert(
    fc.property(anyRows, order, fc.integer({ min: 1, max: 20 }), (rows, order, limit) => {
      const all = new Map(rows.map((row) => [row.name, row]))
      assert.deepEqual(readAll(all, { sort: 'key', order, limit }), inOrder(rows, order))
    }),
  )
})

test('rows that come and go between pages make no other row missing, or be told twice', () => {
  fc.assert(
    fc.property(anyRows, order, fc.infiniteStream(fc.nat(59)), (rows, order, chances) => {
      const all = new Map(rows.map((row) => [row.name, row]))
      const stay = rows.filter((_, at) => at % 2 === 0)
      const others = rows.filter((_, at) => at % 2 === 1)
      const change = (): void => {
        const row = others[chances.next().value % Math.max(1, others.length)]
        if (!row) return
        if (!all.delete(row.name)) all.set(row.name, row)
      }
      const names = readAll(all, { sort: 'key', order, limit: 3 }, change)
      const kept = new Set(stay.map(({ name }) => name))
      assert.deepEqual(
        names.filter((name) => kept.has(name)),
        inOrder(stay, order),
      )
      assert.equal(new Set(names).size, names.length)
    }),
  )
})

test('pages that several brokers make of their parts are one page of the whole', () => {
  const ordered = { nameOf: ({ name }: Row) => name, keyOf: ({ key }: Row) => key }
  fc.assert(
    fc.property(anyRows, order, fc.integer({ min: 1, max: 20 }), (rows, order, limit) => {
      const names: string[] = []
      let cursor = ''
      for (;;) {
        const asked = { sort: 'key', order, limit, cursor }
        const parts = [0, 1, 2].map((broker) =>
          page(
            rows.filter((_, at) => at % 3 === broker),
            asked,
          ),
        )
        const merged = mergedPages(parts, asked, { order: ordered, missing: [] })
        assert.equal(merged.total, rows.length)
        names.push(...merged.items.map(({ name }) => name))
        if (merged.next === null) break
        cursor = merged.next
      }
      assert.deepEqual(names, inOrder(rows, order))
    }),
  )
})

test('a cursor of another list, or that somebody made up, is refused', () => {
  const asked = { sort: 'key', order: 'asc', limit: 1 } as const
  const { next } = page(
    [
      { name: 'a', key: 1 },
      { name: 'b', key: 2 },
    ],
    { ...asked, cursor: '' },
  )
  assert.ok(next)
  const made = (...told: unknown[]) => Buffer.from(JSON.stringify(told)).toString('base64url')
  const cursors = ['x', '%', made(), made('key', 'asc', {}, 'a'), made('key', 'asc', 1, 1), made('name', 'asc', 1, 'a')]
  for (const cursor of cursors) assert.ok(PageOf.begin({ ...asked, cursor }) instanceof Problem, cursor)
  assert.ok(PageOf.begin({ ...asked, order: 'desc', cursor: next }) instanceof Problem)
  assert.ok(PageOf.begin({ ...asked, cursor: made('key', 'asc', 'text', 'a') }) instanceof PageOf)
})
