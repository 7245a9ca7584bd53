import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Consumer, RivvenError } from '@rivven/client'
import { roundRobinAssignor } from '@rivven/groups'
import kafkajs from 'kafkajs'
import { clusterUnderTest } from '../e2e/cluster-under-test.js'
import { assignerNamed, kafkajsMember } from './mixed-groups/kafkajs-member.js'
import { ourMember } from './mixed-groups/our-member.js'
import { preparePlace, settled } from './mixed-groups/place.js'
import { takeTurns } from './mixed-groups/scenarios.js'

const builtIn = kafkajs.PartitionAssigners.roundRobin
const quick = { group_initial_rebalance_delay_ms: 0 }

test('a cooperative member goes eager beside a kafkajs member that offers range', async () => {
  await using cluster = await clusterUnderTest(quick)
  const place = await preparePlace(cluster.bootstrapServers, 'cooperative-and-kafkajs')
  const ours = ourMember({ rebalanceProtocol: 'cooperative' })
  await takeTurns(place, ours, kafkajsMember(assignerNamed('range')), 'eager')
})

test('a round_robin member shares with a kafkajs member that offers roundrobin', async () => {
  await using cluster = await clusterUnderTest(quick)
  const place = await preparePlace(cluster.bootstrapServers, 'round-robin-and-kafkajs')
  const ours = ourMember({ partitionAssignmentStrategy: 'round_robin' })
  await takeTurns(place, ours, kafkajsMember(assignerNamed('roundrobin')), 'eager')
})

test('a member whose assignor has the name that kafkajs gives its own joins a group of untouched kafkajs members', async () => {
  await using cluster = await clusterUnderTest(quick)
  const place = await preparePlace(cluster.bootstrapServers, 'untouched-kafkajs')
  const assignor = { ...roundRobinAssignor, name: 'RoundRobinAssigner' }
  await takeTurns(place, ourMember({ partitionAssignmentStrategy: assignor }), kafkajsMember(builtIn), 'eager')
})

test('a member without an assignor in common with an untouched kafkajs member is told so by poll', async () => {
  await using cluster = await clusterUnderTest(quick)
  const place = await preparePlace(cluster.bootstrapServers, 'nothing-in-common')
  const other = await kafkajsMember(builtIn)('other', place)
  await settled(place, { other: 6 })
  const { bootstrapServers, groupId, topic } = place
  const consumer = new Consumer({ bootstrapServers, groupId })
  await consumer.subscribe([topic])
  const refused = (error: unknown) => error instanceof RivvenError && error.code === 'INCONSISTENT_GROUP_PROTOCOL'
  await assert.rejects(async () => {
    for (;;) await consumer.poll(50)
  }, refused)
  await consumer.close()
  await other.leave()
})
