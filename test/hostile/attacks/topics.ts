import {
  AlterConfigs,
  CreatePartitions,
  CreateTopics,
  DeleteRecords,
  DescribeConfigs,
  Metadata,
} from '@rivven/protocol'
import { badTopics } from '../../malformed/inputs/requests.js'
import { type Attack, WrongAnswer } from '../attackers/attack.js'

const topicOf = (fields: object) => ({
  numPartitions: 1,
  replicationFactor: 1,
  assignments: [],
  configs: [],
  ...fields,
})

const creations = badTopics.map(
  ([what, fields, code]): Attack => ({
    row: '37',
    name: `CreateTopics with ${what}`,
    async run(target) {
      const topics = [topicOf({ name: 'hostile-37', ...fields })]
      const answer = await target.ask(CreateTopics, 5, { topics, timeoutMs: 5_000 } as never)
      target.expect(answer.topics[0]?.errorCode, [code], what)
    },
  }),
)

const others: Attack[] = [
  {
    row: '15',
    name: 'a topic asked for twice',
    async run(target) {
      const twice = { topics: [{ name: 'there' }, { name: 'there' }], allowAutoTopicCreation: false }
      target.expect((await target.ask(Metadata, 4, twice)).topics.length, [1], 'answers')
    },
  },
  {
    row: '16',
    name: 'a topic name that is none',
    async run(target) {
      const name = target.chance.pick(['', '.', '..', 'x'.repeat(250), 'a/b', 'a\0b', 'a b', '\n', '\x1b[2J'])
      const answer = await target.ask(CreateTopics, 5, { topics: [topicOf({ name })], timeoutMs: 5_000 } as never)
      target.expect(answer.topics[0]?.errorCode, [17], JSON.stringify(name))
    },
  },
  {
    row: '17',
    name: 'a topic called __proto__, constructor or hasOwnProperty',
    async run(target) {
      const name = target.chance.pick(['__proto__', 'constructor', 'hasOwnProperty'])
      const answer = await target.ask(CreateTopics, 5, { topics: [topicOf({ name })], timeoutMs: 5_000 } as never)
      // It exists from the second time on.
      target.expect(answer.topics[0]?.errorCode, [0, 36, 44], name)
    },
  },
  {
    row: '38',
    name: 'CreatePartitions to fewer, DeleteRecords past the end',
    async run(target) {
      const grow = {
        topics: [{ name: 'there', count: 1 + target.chance.below(2), assignments: null }],
        timeoutMs: 5_000,
      }
      target.expect((await target.ask(CreatePartitions, 1, grow)).results[0]?.errorCode, [37], 'CreatePartitions')
      const topics = [{ name: 'there', partitions: [{ partitionIndex: 1, offset: 1e12 }] }]
      const deleted = await target.ask(DeleteRecords, 1, { topics, timeoutMs: 5_000 })
      target.expect(deleted.topics[0]?.partitions[0]?.errorCode, [1], 'DeleteRecords')
    },
  },
  {
    row: '39',
    name: 'AlterConfigs with what is no value',
    async run(target) {
      const [name, value] = target.chance.pick([
        ['retention.ms', '1'.repeat(30_000)],
        ['retention.ms', '1\0'],
        ['no.such.key', '1'],
      ] as const)
      const resources = [{ resourceType: 2, resourceName: 'there', configs: [{ name, value }] }]
      const answer = await target.ask(AlterConfigs, 1, { resources, validateOnly: false })
      target.expect(answer.responses[0]?.errorCode, [40, 42], name)
    },
  },
  {
    row: '39',
    name: 'secrets of the broker',
    async run(target) {
      const resources = [{ resourceType: 4, resourceName: '1', configurationKeys: null }]
      const { results } = await target.ask(DescribeConfigs, 2, { resources })
      const shown = results[0]?.configs.filter(({ isSensitive, value }) => isSensitive && value !== null) ?? []
      if (shown.length > 0) throw new WrongAnswer(`${shown[0]?.name} is shown`)
      target.saw('not shown')
    },
  },
]

export const topicAttacks: readonly Attack[] = [...creations, ...others]
