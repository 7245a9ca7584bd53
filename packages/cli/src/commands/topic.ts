import type { Command } from 'commander'
import { count, positive, type Run } from '../command-line.js'
import type { CommandContext } from '../context.js'
import { deleteEach } from '../delete-each.js'
import { UsageError } from '../failure.js'
import { momentOrAgo } from '../text/durations.js'
import { type Column, renderRows, renderValue, table } from '../text/output.js'
import { peekTopic } from './topic-peek.js'

export function addTopicCommands(program: Command, run: Run): void {
  const topic = program.command('topic').description('create, list, describe, change and delete topics')
  topic
    .command('create')
    .argument('<name>')
    .option('-p, --partitions <count>', "number of partitions (default: the broker's num.partitions)", positive)
    .option('-r, --replication-factor <count>', "replicas of each partition (default: the broker's)", positive)
    .option('-c, --set <key=value...>', 'topic configs, e.g. --set retention.ms=86400000')
    .option('--if-not-exists', 'no error when the topic is there already')
    .description('create a topic')
    .action(run(createTopic))
  topic
    .command('list')
    .option('--internal', "also the broker's own topics")
    .description('list topics')
    .action(run(listTopics))
  topic
    .command('describe')
    .argument('<topic>')
    .description('partitions, offsets and configs of a topic')
    .action(run(describeTopic))
  topic
    .command('delete')
    .argument('<topics...>')
    .description('delete topics and all that is in them')
    .action(run(deleteTopics))
  topic
    .command('alter')
    .argument('<topic>')
    .option('-p, --partitions <count>', 'new total number of partitions (can only grow)', positive)
    .option('-c, --set <key=value...>', 'set topic configs')
    .option('-d, --unset <key...>', "back to the broker's default")
    .description('grow a topic, change its configs')
    .action(run(alterTopic))
  topic
    .command('peek')
    .argument('<topic>')
    .option('-p, --partition <number>', 'this partition only', count)
    .option('--offset <offset>', 'from this offset on', count)
    .option('--at <time>', 'from the first record since then on: 1h, 2d, 2026-01-31T18:00:00Z', momentOrAgo)
    .option('--newest <count>', 'the last so many (default 10)', positive)
    .option('-n, --limit <count>', 'with --offset and --at: so many (default 10)', positive)
    .option('--search <text>', 'only records with this text in their key, value or headers')
    .option('-f, --follow', 'then those that come, until Ctrl-C')
    .option('--show-aborted', 'records of transactions that were aborted or are open, too')
    .description('look at records: as JSON, text or hex; no group knows of it')
    .action(run(peekTopic))
}

interface CreateOptions {
  partitions?: number
  replicationFactor?: number
  set?: string[]
  ifNotExists?: boolean
}

async function createTopic(context: CommandContext, name: string, options: CreateOptions): Promise<void> {
  const admin = await context.admin()
  try {
    await admin.createTopics([
      {
        name,
        partitions: options.partitions,
        replicationFactor: options.replicationFactor,
        configs: assignments(options.set),
      },
    ])
    context.terminal.words(`Created topic ${name}.\n`)
  } catch (error) {
    if (!(options.ifNotExists && (error as { code?: string }).code === 'TOPIC_ALREADY_EXISTS')) throw error
    context.terminal.words(`Topic ${name} exists already.\n`)
  }
}

async function listTopics(context: CommandContext, options: { internal?: boolean }): Promise<void> {
  const admin = await context.admin()
  const columns: Column[] = [
    { field: 'topic', title: 'TOPIC' },
    { field: 'partitions', title: 'PARTITIONS' },
    { field: 'replicationFactor', title: 'REPLICAS' },
    { field: 'topicId', title: 'ID', wide: true },
  ]
  const rows = (await admin.listTopics())
    .filter((topic) => options.internal || !topic.isInternal)
    .map((topic) => ({
      topic: topic.name,
      partitions: topic.partitions.length,
      replicationFactor: topic.partitions[0]?.replicas.length ?? 0,
      topicId: topic.id,
    }))
  context.terminal.out(renderRows(context.output, columns, rows))
}

async function describeTopic(context: CommandContext, name: string): Promise<void> {
  const admin = await context.admin()
  const [topic] = await admin.describeTopics([name])
  const partitions = topic!.partitions.map((partition) => ({ topic: name, partition: partition.partition }))
  const starts = await admin.listOffsets(
    partitions.map((partition) => ({ ...partition, timestamp: 'earliest' as const })),
  )
  const ends = await admin.listOffsets(partitions.map((partition) => ({ ...partition, timestamp: 'latest' as const })))
  const byPartition = (offsets: typeof starts) => new Map(offsets.map(({ partition, offset }) => [partition, offset]))
  const [start, end] = [byPartition(starts), byPartition(ends)]
  const rows = topic!.partitions.map((partition) => ({
    partition: partition.partition,
    leader: partition.leader,
    replicas: partition.replicas.join(','),
    inSync: partition.isr.join(','),
    start: start.get(partition.partition) ?? null,
    end: end.get(partition.partition) ?? null,
  }))
  const configs = (await admin.describeConfigs([{ type: 'topic', name }]))[0]!.configs
    .filter((config) => config.source === 'topic')
    .map((config) => ({ name: config.name, value: config.value }))
  if (context.output === 'json' || context.output === 'yaml') {
    context.terminal.out(renderValue(context.output, { topic: name, topicId: topic!.id, partitions: rows, configs }))
    return
  }
  if (context.output !== 'table' && context.output !== 'wide') {
    context.terminal.out(renderRows(context.output, partitionColumns, rows))
    return
  }
  const own = configs.map((config) => `${config.name}=${config.value}`).join(', ')
  context.terminal.out(
    `Topic: ${name}\nId: ${topic!.id}\nPartitions: ${rows.length}\nConfigs: ${own || '-'}\n\n${table(partitionColumns, rows)}`,
  )
}

const partitionColumns: Column[] = [
  { field: 'partition', title: 'PARTITION' },
  { field: 'leader', title: 'LEADER' },
  { field: 'replicas', title: 'REPLICAS' },
  { field: 'inSync', title: 'IN-SYNC' },
  { field: 'start', title: 'START-OFFSET' },
  { field: 'end', title: 'END-OFFSET' },
]

async function deleteTopics(context: CommandContext, names: string[]): Promise<void> {
  const admin = await context.admin()
  await deleteEach(context, 'topic', names, (wanted) => admin.deleteTopics(wanted))
}

async function alterTopic(
  context: CommandContext,
  name: string,
  options: { partitions?: number; set?: string[]; unset?: string[] },
): Promise<void> {
  if (options.partitions === undefined && !options.set && !options.unset) {
    throw new UsageError('Say what to change: --partitions, --set key=value or --unset key.')
  }
  const admin = await context.admin()
  if (options.partitions !== undefined) await admin.createPartitions([{ topic: name, count: options.partitions }])
  const changes = [
    ...Object.entries(assignments(options.set)).map(([key, value]) => ({ name: key, value })),
    ...(options.unset ?? []).map((key) => ({ name: key, value: null })),
  ]
  if (changes.length > 0) await admin.alterConfigs([{ type: 'topic', name, configs: changes }])
  context.terminal.words(`Changed topic ${name}.\n`)
}

function assignments(words: readonly string[] = []): Record<string, string> {
  return Object.fromEntries(
    words.map((word) => {
      const at = word.indexOf('=')
      if (at < 1) throw new UsageError(`"${word}" is not of the form key=value.`)
      return [word.slice(0, at), word.slice(at + 1)]
    }),
  )
}
