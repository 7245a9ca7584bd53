import { unevenAssignment } from '../../src/checks/assignment/uneven-assignment.js'
import { testCheck } from '../check-table.js'
import { group, member } from '../facts.js'

const by = (software: string | null) =>
  group([member('m-0', 'orders:0,1,2', { software }), member('m-1', 'orders:3', { software })])
const java = 'org.apache.kafka.clients.consumer.'

testCheck(unevenAssignment, {
  fires: {
    'one has two more than another': [
      { group: by('rivven') },
      {
        severity: 'info',
        title: 'Members have from 1 to 3 partitions',
        evidence: { 'partitions of m-0': 3, 'partitions of m-1': 1 },
        config: ['partition_assignment_strategy: cooperative_sticky'],
      },
    ],
    'Java’s word for it': [
      { group: by('apache-kafka-java') },
      { config: [`partition.assignment.strategy: ${java}CooperativeStickyAssignor`] },
    ],
    'librdkafka’s, under the name of its binding': [
      { group: by('confluent-kafka-python') },
      { config: ['partition.assignment.strategy: cooperative-sticky'] },
    ],
    'kafkajs has eager assignors alone': [
      { group: by(null) },
      { config: ['partitionAssigners: [PartitionAssigners.roundRobin]'] },
    ],
    'clients of which nothing is known': [{ group: by('kgo') }, { config: [] }],
    'sticky already': [{ group: { ...by('rivven'), protocol: 'cooperative-sticky' } }, { config: [] }],
  },
  quiet: {
    'one more than another': { group: group([member('m-0', 'orders:0,1'), member('m-1', 'orders:2')]) },
    'members that want different topics': {
      group: group([member('m-0', 'orders:0,1,2'), member('m-1', 'payments:0')]),
    },
  },
})
