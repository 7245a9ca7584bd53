/**
 * Writes Grafana's dashboards, deploy/grafana/*.json, from the lists below: `node scripts/grafana.mjs && npm run format`.
 * A panel is [title, queries, unit, more]; a query is [expression, legend]. Units are Grafana's.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

const ofGroup = 'group=~"$group"'
const ofPartition = 'group=~"$group",topic=~"$topic"'

const raw = (metric, by, filter = '') => [`${metric}{${filter}}`, legendOf(by)]
const sum = (metric, by, filter = '') => [`sum by (${by.join(', ')}) (${metric}{${filter}})`, legendOf(by)]
const max = (metric, by, filter = '') => [`max by (${by.join(', ')}) (${metric}{${filter}})`, legendOf(by)]
const rate = (metric, by, filter = '') => [
  `sum by (${by.join(', ')}) (rate(${metric}{${filter}}[$__rate_interval]))`,
  legendOf(by),
]
const p99 = (metric, by, filter = '') => [
  `histogram_quantile(0.99, sum by (${['le', ...by].join(', ')}) (rate(${metric}_bucket{${filter}}[$__rate_interval])))`,
  legendOf(by),
]
const named = ([expression, legend], name) => [expression, `${name} ${legend}`]

const legendOf = (labels) => labels.map((label) => `{{${label}}}`).join(' ')

/** Values of rivven_consumer_group_status. */
const statuses = [
  ['OK', 'green'],
  ['WARN', 'yellow'],
  ['STALL', 'orange'],
  ['STOP', 'red'],
  ['REWIND', 'purple'],
]
const asStatus = {
  type: 'state-timeline',
  mappings: [
    {
      type: 'value',
      options: Object.fromEntries(statuses.map(([text, color], index) => [index, { text, color, index }])),
    },
  ],
}

const statusOfGroups = [
  'Status of groups',
  [max('rivven_consumer_group_status', ['group'], ofGroup)],
  'short',
  asStatus,
]
const lagOfGroups = [
  'Lag in seconds, by group',
  [max('rivven_consumer_group_max_lag_seconds', ['group'], ofGroup)],
  's',
]

const groupRows = {
  'How groups do': [
    statusOfGroups,
    lagOfGroups,
    ['Lag in records, by topic', [sum('rivven_consumer_group_lag', ['group', 'topic'], ofPartition)], 'short'],
    ['Lag in seconds, by topic', [max('rivven_consumer_group_lag_seconds', ['group', 'topic'], ofPartition)], 's'],
    ['Members', [sum('rivven_consumer_group_members', ['group'], ofGroup)], 'short'],
    ['Groups by state', [sum('rivven_consumer_groups', ['state'])], 'short'],
  ],
  Rebalances: [
    ['Rebalances a second', [rate('rivven_consumer_group_rebalances_total', ['group'], ofGroup)], 'ops'],
    ['Rebalances, 99th percentile', [p99('rivven_consumer_group_rebalance_duration_seconds', ['group'], ofGroup)], 's'],
    [
      'Records read again, a second',
      [rate('rivven_consumer_group_redelivered_records_total', ['group'], ofGroup)],
      'ops',
    ],
  ],
  'Offsets and records': [
    ['Commits, 99th percentile', [p99('rivven_consumer_commit_latency_seconds', ['group'], ofGroup)], 's'],
    [
      'Commits refused, a second',
      [rate('rivven_consumer_group_refused_commits_total', ['group', 'error'], ofGroup)],
      'ops',
    ],
    ['Records lost, a second', [rate('rivven_consumer_group_lost_records_total', ['group'], ofGroup)], 'ops'],
    ['Offsets reset, a second', [rate('rivven_consumer_group_resets_total', ['group', 'how'], ofGroup)], 'ops'],
    ['How long a look at all groups took', [raw('rivven_lag_sample_duration_seconds', ['instance'])], 's'],
  ],
}

const overviewRows = {
  'What needs somebody': [
    statusOfGroups,
    lagOfGroups,
    ['Partitions that take no records', [raw('rivven_partitions_unwritable', ['instance'])], 'short'],
    ['Partitions without a leader', [raw('rivven_partitions_without_leader', ['instance'])], 'short'],
    ['Brokers that each broker knows', [raw('rivven_cluster_brokers', ['instance'])], 'short'],
    ['Versions', [raw('rivven_build_info', ['instance', 'version', 'node_version'])], 'short'],
  ],
  Traffic: [
    [
      'Bytes a second',
      [
        named(rate('rivven_received_bytes_total', ['instance']), 'received'),
        named(rate('rivven_sent_bytes_total', ['instance']), 'sent'),
      ],
      'Bps',
    ],
    ['Records in, a second', [rate('rivven_log_end_offset', ['topic'], 'topic=~"$topic"')], 'ops'],
    ['Requests a second', [rate('rivven_requests_total', ['api'])], 'reqps'],
    ['Errors a second', [rate('rivven_request_errors_total', ['api', 'error'])], 'ops'],
    ['Times that clients were made to wait, a second', [rate('rivven_throttled_total', ['quota'])], 'ops'],
    ['Seconds for which clients were made to wait, a second', [rate('rivven_throttle_seconds_total', ['quota'])], 's'],
    ['Times that clients told of themselves, a second', [rate('rivven_client_pushes_total', ['instance'])], 'ops'],
  ],
  Connections: [
    ['Connections', [raw('rivven_connections', ['instance', 'listener'])], 'short'],
    ['New connections a second', [rate('rivven_connections_total', ['instance'])], 'ops'],
    ['Streams of events', [raw('rivven_http_streams', ['instance'])], 'short'],
    ['Connections refused, a second', [rate('rivven_connections_refused_total', ['reason'])], 'ops'],
  ],
  Security: [
    ['Logins a second', [rate('rivven_authentications_total', ['listener', 'mechanism', 'outcome'])], 'ops'],
    ['Logins renewed, a second', [rate('rivven_reauthentications_total', ['outcome'])], 'ops'],
    ['Refused by ACLs, a second', [rate('rivven_authorizations_denied_total', ['operation', 'resource_type'])], 'ops'],
    ['ACLs', [raw('rivven_acls', ['instance'])], 'short'],
    ['TLS handshakes a second', [rate('rivven_ssl_handshakes_total', ['listener', 'outcome'])], 'ops'],
    [
      'Certificates are over in',
      [['rivven_ssl_certificate_expiry_timestamp_seconds - time()', '{{instance}} {{listener}}']],
      's',
    ],
  ],
  'Topics and storage': [
    [
      'Topics and partitions',
      [
        named(raw('rivven_topics', ['instance']), 'topics'),
        named(raw('rivven_partitions', ['instance']), 'partitions'),
        named(raw('rivven_partitions_led', ['instance']), 'led'),
      ],
      'short',
    ],
    ['Size on storage', [max('rivven_log_size_bytes', ['topic', 'partition'], 'topic=~"$topic"')], 'bytes'],
    [
      'Records in the log, at most',
      [
        [
          'sum by (topic) (rivven_log_end_offset{topic=~"$topic"} - rivven_log_start_offset{topic=~"$topic"})',
          '{{topic}}',
        ],
      ],
      'short',
    ],
    [
      'Records behind open transactions',
      [
        [
          'sum by (topic) (rivven_log_end_offset{topic=~"$topic"} - rivven_log_last_stable_offset{topic=~"$topic"})',
          '{{topic}}',
        ],
      ],
      'short',
    ],
    ['Appends to the database, 99th percentile', [p99('rivven_storage_append_seconds', ['instance'])], 's'],
    ['Waiting to be stored', [raw('rivven_storage_queue_bytes', ['instance'])], 'bytes'],
    ['Seconds without the database, a second', [rate('rivven_storage_unavailable_seconds_total', ['instance'])], 's'],
    ['Oldest part of the tables', [raw('rivven_storage_chunk_oldest_seconds', ['keep'])], 's'],
  ],
  Cluster: [
    ['Age of leases', [raw('rivven_cluster_lease_age_seconds', ['instance'])], 's'],
    ['Leases lost, a second', [rate('rivven_leases_lost_total', ['instance'])], 'ops'],
    ['Leaders that moved, a second', [rate('rivven_leader_moves_total', ['reason'])], 'ops'],
    ['Partitions not served while they move, 99th percentile', [p99('rivven_leader_move_seconds', ['step'])], 's'],
  ],
  Transactions: [
    ['Open transactions', [sum('rivven_transactions_open', ['state'])], 'short'],
    ['Age of the oldest', [raw('rivven_transaction_oldest_open_seconds', ['instance'])], 's'],
    ['Transactions that hang', [raw('rivven_transactions_hanging', ['instance'])], 'short'],
    ['From begin to outcome, 99th percentile', [p99('rivven_transaction_duration_seconds', ['outcome'])], 's'],
    ['From outcome to all markers, 99th percentile', [p99('rivven_transaction_completion_seconds', ['instance'])], 's'],
  ],
  Process: [
    ['CPU', [rate('process_cpu_seconds_total', ['instance'])], 'percentunit'],
    ['Memory', [raw('process_resident_memory_bytes', ['instance'])], 'bytes'],
    ['File descriptors', [raw('process_open_fds', ['instance'])], 'short'],
    ['Event loop delay, 99th percentile', [raw('nodejs_eventloop_lag_p99_seconds', ['instance'])], 's'],
    ['Garbage collection, 99th percentile', [p99('nodejs_gc_duration_seconds', ['instance', 'kind'])], 's'],
  ],
}

/** Three to a line. */
const panelWidth = 8
const panelHeight = 8
const panelsPerLine = 24 / panelWidth

// biome-ignore lint/suspicious/noTemplateCurlyInString: it is Grafana that puts the data source in.
const prometheus = { type: 'prometheus', uid: '${datasource}' }

const variables = [
  { name: 'datasource', label: 'Data source', type: 'datasource', query: 'prometheus' },
  variableOf('group', 'rivven_consumer_group_members'),
  variableOf('topic', 'rivven_log_end_offset'),
]

/** The values of a label, of which any number is chosen. */
function variableOf(label, metric) {
  const query = `label_values(${metric}, ${label})`
  return {
    name: label,
    label: label[0].toUpperCase() + label.slice(1),
    type: 'query',
    datasource: prometheus,
    definition: query,
    query: { query, refId: label },
    refresh: 2,
    sort: 1,
    multi: true,
    includeAll: true,
    allValue: '.*',
    current: { text: ['All'], value: ['$__all'] },
  }
}

/** The dashboards by the names of their files. */
export function dashboards() {
  return {
    'rivven-overview.json': dashboard('rivven-overview', 'Rivven: brokers', overviewRows),
    'rivven-groups.json': dashboard('rivven-groups', 'Rivven: consumer groups', groupRows),
  }
}

function dashboard(uid, title, rows) {
  return {
    uid,
    title,
    tags: ['rivven'],
    schemaVersion: 39,
    version: 1,
    editable: true,
    refresh: '30s',
    time: { from: 'now-3h', to: 'now' },
    timezone: 'browser',
    templating: { list: variables },
    links: [{ type: 'dashboards', title: 'Rivven', tags: ['rivven'], asDropdown: false, keepTime: true }],
    panels: placed(rows),
  }
}

function placed(rows) {
  const panels = []
  let y = 0
  for (const [title, list] of Object.entries(rows)) {
    panels.push({
      id: panels.length + 1,
      type: 'row',
      title,
      collapsed: false,
      panels: [],
      gridPos: place(0, y, 24, 1),
    })
    y += 1
    for (const [index, panel] of list.entries()) {
      const line = Math.floor(index / panelsPerLine)
      const x = (index % panelsPerLine) * panelWidth
      const gridPos = place(x, y + line * panelHeight, panelWidth, panelHeight)
      panels.push({ id: panels.length + 1, ...panelOf(panel), gridPos })
    }
    y += Math.ceil(list.length / panelsPerLine) * panelHeight
  }
  return panels
}

function place(x, y, w, h) {
  return { x, y, w, h }
}

function panelOf([title, queries, unit, { type = 'timeseries', mappings = [] } = {}]) {
  return {
    type,
    title,
    datasource: prometheus,
    fieldConfig: { defaults: { unit, mappings, ...(type === 'timeseries' && { min: 0 }) }, overrides: [] },
    options: { legend: { displayMode: 'list', placement: 'bottom', showLegend: type === 'timeseries' } },
    targets: queries.map(([expression, legendFormat], index) => ({
      refId: String.fromCharCode(65 + index),
      datasource: prometheus,
      expr: expression.replaceAll('{}', ''),
      legendFormat,
    })),
  }
}

if (process.argv[1] === import.meta.filename) {
  for (const [file, content] of Object.entries(dashboards())) {
    const path = join(import.meta.dirname, '../deploy/grafana', file)
    writeFileSync(path, `${JSON.stringify(content, null, 2)}\n`)
  }
}
