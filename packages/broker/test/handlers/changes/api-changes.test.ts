import assert from 'node:assert/strict'
import { test } from 'node:test'
import { allHandlers } from '../../../src/handlers/all-handlers.js'
import { hasChanges } from '../../../src/handlers/changes/api-changes.js'
import { rightsOf } from '../../../src/handlers/rights/api-rights.js'

/** Why the audit log tells nothing of these, although they ask for a right to change something. */
const others = new Map([
  ['ElectLeaders', 'brokers see by themselves to who leads: nothing is changed for the asking'],
  ['Metadata', 'it tells of topics by itself: its answer does not say which it made'],
  ['RivvenCall', 'each of its calls tells by itself what it changes'],
  ['UpdateFeatures', 'there is nothing that could be changed'],
])

test('each API that asks for a right to change something has a row in the table of what the audit log tells', () => {
  for (const { api } of allHandlers) {
    const changes = rightsOf(api.name)?.some((right) => /^(CREATE|DELETE|ALTER|ALTER_CONFIGS) /.test(right)) ?? false
    if (changes) assert.notEqual(hasChanges(api.key), others.has(api.name), api.name)
  }
})
