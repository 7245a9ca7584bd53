import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { startRivven } from '@rivven/testing'

interface Panel {
  readonly id: number
  readonly type: string
  readonly title: string
  readonly gridPos: { x: number; y: number; w: number; h: number }
  readonly targets?: readonly { expr: string; legendFormat: string }[]
}

interface Dashboard {
  readonly uid: string
  readonly schemaVersion: number
  readonly templating: { list: { name: string; type: string; definition?: string }[] }
  readonly panels: readonly Panel[]
}

interface Metric {
  readonly kind: string
  readonly labels: readonly string[]
  readonly what: string
}

const root = join(import.meta.dirname, '../../..')
const files = ['rivven-overview.json', 'rivven-groups.json']
const dashboards = files.map(
  (file) => JSON.parse(readFileSync(join(root, 'deploy/grafana', file), 'utf8')) as Dashboard,
)
const documented = metricsOf(readFileSync(join(root, 'docs/monitoring.md'), 'utf8'))
const targets = dashboards.flatMap(({ panels }) => panels.flatMap((panel) => panel.targets ?? []))

/** The documentation says this of metrics that a broker of its own, without security, does not have. */
const sometimes = {
  rivven_acls: 'only with an authorizer',
  rivven_ssl_certificate_expiry_timestamp_seconds: 'a listener with TLS',
  rivven_leader_move_seconds: 'Of a broker in a cluster only, as those that follow',
}
const afterLeaderMoves = /^rivven_storage_/

test('the files are what the script makes', async () => {
  const script = join(root, 'scripts/grafana.mjs')
  const made = ((await import(script)) as { dashboards(): Record<string, unknown> }).dashboards()
  assert.deepEqual(Object.fromEntries(files.map((file, at) => [file, dashboards[at]])), made)
})

test('the dashboards have one data source to choose, groups and topics, and no two panels at one place', () => {
  for (const { schemaVersion, templating, panels } of dashboards) {
    assert.equal(schemaVersion, 39)
    assert.deepEqual(
      templating.list.map(({ name, type }) => [name, type]),
      [
        ['datasource', 'datasource'],
        ['group', 'query'],
        ['topic', 'query'],
      ],
    )
    assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length)
    assert.deepEqual(
      panels.flatMap((one) => panels.filter((two) => overlap(one, two))),
      [],
    )
  }
})

test('a panel asks for metrics that are documented, by their labels, and for counters and histograms as such', () => {
  for (const { expr, legendFormat } of targets) {
    for (const name of namesIn(expr)) {
      const { kind, labels } = documentedAs(name)
      if (kind.startsWith('counter')) assert.match(expr, new RegExp(`rate\\(${name}\\b`), expr)
      if (kind.startsWith('histogram')) assert.match(expr, new RegExp(`rate\\(${name}_bucket\\b`), expr)
      if (!name.startsWith('rivven_')) continue
      const used = [...labelsIn(legendFormat, /\{\{(\w+)\}\}/g), ...labelsIn(expr, /[{,](\w+)=~/g)]
      assert.deepEqual(
        used.filter((label) => label !== 'instance' && !labels.includes(label)),
        [],
        expr,
      )
    }
  }
})

test('every documented metric is in a panel', () => {
  const shown = new Set(targets.flatMap(({ expr }) => namesIn(expr)))
  const isShown = (name: string) => shown.has(name) || [...shown].some((one) => isLike(one, name))
  assert.deepEqual(
    [...documented.keys()].filter((name) => !isShown(name)),
    [],
  )
})

test('the page of a broker has every metric of a panel, but those that the documentation excepts', async () => {
  await using rivven = await startRivven({ http: true })
  const text = await (await fetch(`${rivven.url}/metrics`)).text()
  const onPage = new Set(Array.from(text.matchAll(/^# TYPE (\S+)/gm), ([, name]) => name))
  const absent = new Set(targets.flatMap(({ expr }) => namesIn(expr)).filter((name) => !onPage.has(name)))
  for (const [name, excepted] of Object.entries(sometimes)) {
    assert.ok(documentedAs(name).what.includes(excepted), name)
    absent.delete(name)
  }
  const names = [...documented.keys()]
  const follows = (name: string) => names.indexOf(name) > names.indexOf('rivven_leader_move_seconds')
  assert.deepEqual(
    [...absent].filter((name) => !(afterLeaderMoves.test(name) && follows(name))),
    [],
  )
})

/** The rows of the tables of metrics; one may be of several. */
function metricsOf(page: string): Map<string, Metric> {
  const rows = Array.from(page.matchAll(/^\| (`(?:rivven|process|nodejs)_.*?) \| (.*?) ?\| (.*?) ?\| (.*) \|$/gm))
  return new Map(
    rows.flatMap(([, names = '', kind = '', labels = '', what = '']) =>
      Array.from(names.matchAll(/`([^`]+)`/g), ([, name = '']) => [
        name,
        { kind, labels: labels.split(/, /).map((label) => label.trim()), what },
      ]),
    ),
  )
}

function documentedAs(name: string): Metric {
  const metric = documented.get(name) ?? [...documented].find(([pattern]) => isLike(name, pattern))?.[1]
  return metric ?? assert.fail(`${name} is not in docs/monitoring.md`)
}

function isLike(name: string, pattern: string): boolean {
  return pattern.endsWith('*') && name.startsWith(pattern.slice(0, -1))
}

/** Names of metrics, those of histograms without what Prometheus puts behind them. */
function namesIn(expression: string): string[] {
  return labelsIn(expression, /\b((?:rivven|process|nodejs)_\w+?)(?:_bucket)?(?!\w)/g)
}

function labelsIn(text: string, pattern: RegExp): string[] {
  return Array.from(text.matchAll(pattern), ([, name = '']) => name)
}

function overlap({ id, gridPos: one }: Panel, { id: other, gridPos: two }: Panel): boolean {
  const isBeside = one.x + one.w <= two.x || two.x + two.w <= one.x
  const isAbove = one.y + one.h <= two.y || two.y + two.h <= one.y
  return id !== other && !isBeside && !isAbove
}
