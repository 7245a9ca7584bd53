import assert from 'node:assert/strict'
import { test } from 'node:test'
import { consumerKeys } from '@rivven/client'
import { Command } from 'commander'
import { addConsumerFlags, consumerOptionsIn } from '../../src/settings/consumer-flags.js'

/** Where the cluster is and how to come in: flags of every command (security-flags.ts). */
const isOfCluster = (key: string) => /^(bootstrap_servers|security_protocol|sasl_.*|ssl_.*)$/.test(key)

test('every consumer setting but how to reach the cluster has a flag that says what it means', () => {
  const { options } = addConsumerFlags(new Command())
  const keys = Object.keys(consumerKeys).filter((key) => !isOfCluster(key))
  assert.deepEqual(
    options.map(({ long }) => long),
    keys.map((key) => `--${key.replaceAll('_', '-')}`),
  )
  for (const { long, description } of options) assert.ok(description.length > 5, `${long} has no description`)
})

test('flags become options of the consumer, each as its kind', () => {
  const command = addConsumerFlags(new Command())
  const line =
    '--group-id 7 --session-timeout-ms 9000 --enable-auto-commit false --partition-assignment-strategy range,sticky'
  command.parse(line.split(' '), { from: 'user' })
  assert.deepEqual(consumerOptionsIn({ ...command.opts(), verbose: true }), {
    groupId: '7',
    sessionTimeoutMs: 9000,
    enableAutoCommit: false,
    partitionAssignmentStrategy: ['range', 'sticky'],
  })
})
