import assert from 'node:assert/strict'
import { test } from 'node:test'
import { rangeAssignor } from '@rivven/groups'
import { assignorsOf, protocolOf } from '../../../src/consumer/options/assignment-strategy.js'
import { consumerSettings } from '../../../src/consumer/options/consumer-options.js'

const offered = (options: Parameters<typeof assignorsOf>[0]) => assignorsOf(options).map(({ name }) => name)
const refused = (options: Parameters<typeof assignorsOf>[0], message: RegExp) =>
  assert.throws(() => assignorsOf(options), { code: 'INVALID_ARGUMENT', message })

test('a strategy becomes the assignors that a member offers; with a cooperative one range is offered too', () => {
  assert.deepEqual(offered({}), ['range'])
  assert.deepEqual(offered({ partitionAssignmentStrategy: 'round_robin' }), ['roundrobin'])
  assert.deepEqual(offered({ partitionAssignmentStrategy: 'sticky' }), ['sticky'])
  assert.deepEqual(offered({ partitionAssignmentStrategy: 'cooperative_sticky' }), ['cooperative-sticky', 'range'])
  assert.deepEqual(offered({ rebalanceProtocol: 'cooperative' }), ['cooperative-sticky', 'range'])
  assert.deepEqual(offered({ rebalanceProtocol: 'eager' }), ['range'])
  assert.deepEqual(offered({ partitionAssignmentStrategy: ['range', 'cooperative_sticky'] }), [
    'range',
    'cooperative-sticky',
  ])
})

test('strategy and protocol that contradict each other are refused with what to do', () => {
  refused({ rebalanceProtocol: 'cooperative', partitionAssignmentStrategy: 'range' }, /range.*cooperative_sticky/s)
  refused({ rebalanceProtocol: 'eager', partitionAssignmentStrategy: 'cooperative_sticky' }, /sticky, which is eager/)
  refused({ partitionAssignmentStrategy: 'rnage' as 'range' }, /Known are range, round_robin, sticky/)
  refused({ partitionAssignmentStrategy: [] }, /empty/)
  refused({ partitionAssignmentStrategy: ['range', rangeAssignor] }, /twice/)
})

test('the elected assignor decides how the members of a generation behave', () => {
  assert.deepEqual(assignorsOf({ rebalanceProtocol: 'cooperative' }).map(protocolOf), ['cooperative', 'eager'])
})

test('a heartbeat interval above a third of the session timeout is warned of, one not below it is refused', () => {
  const warnings: string[] = []
  const logger = { warn: (text: string) => warnings.push(text) }
  const group = { bootstrapServers: 'localhost', groupId: 'g', logger }
  consumerSettings({ ...group, sessionTimeoutMs: 9000, heartbeatIntervalMs: 3000 })
  assert.deepEqual(warnings, [])
  consumerSettings({ ...group, sessionTimeoutMs: 8000, heartbeatIntervalMs: 3000 })
  assert.match(warnings.join(), /heartbeatIntervalMs \(3000\) is above a third of sessionTimeoutMs \(8000\)/)
  assert.throws(() => consumerSettings({ ...group, sessionTimeoutMs: 3000, heartbeatIntervalMs: 3000 }), /not below/)
})
