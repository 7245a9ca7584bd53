import './checks/event-loop-blocked.table.js'
import './checks/falling-behind.table.js'
import './checks/hot-key.table.js'
import './checks/hot-partition.table.js'
import './checks/idle-members.table.js'
import './checks/no-owner.table.js'
import './checks/nobody-reads.table.js'
import './checks/offset-after-end.table.js'
import './checks/offset-before-start.table.js'
import './checks/retention-close.table.js'
import './checks/stuck-partition.table.js'
import './checks/stuck-rebalance.table.js'
import './checks/subscriptions-differ.table.js'
import './checks/timestamps-off.table.js'
import './checks/transaction-holds-readers.table.js'
import './checks/uneven-assignment.table.js'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { allChecks } from '../src/all-checks.js'
import { tested } from './check-table.js'

// One process for all tables: most of the time a process takes it takes to start.

test('each check has a table', () => {
  assert.deepEqual(
    allChecks.filter((check) => !tested.has(check)).map(({ id }) => id),
    [],
  )
})
