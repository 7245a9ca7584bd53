import { setTimeout as pause } from 'node:timers/promises'
import { Admin, Producer } from '@rivven/client'
import { CommittedReader } from './committed-reader.js'
import { type BrokerInTrouble, brokerInTrouble, type CopierNews, KillableCopier } from './world.js'

export interface CampaignSize {
  messages: number
  partitions: number
  copiers: number
  perTransaction: number
  clientKills: number
  brokerKills: number
  sessionTimeoutMs: number
  /** It counts as stuck after this. */
  patienceMs: number
}

export interface CampaignResult {
  lost: number
  twice: number
  /** Records that came before an earlier one of their partition. */
  outOfOrder: number
  /** Records of transactions that were aborted on purpose, and seen all the same. */
  aborted: number
  spoilt: number
  failures: number
  seconds: number
}

/**
 * Copies a topic with several copiers while they and the broker are killed, then compares the copy with the original, as a
 * read_committed reader saw it that read along all the time. `say` hears of what goes on.
 */
export async function runCampaign(size: CampaignSize, say: (text: string) => void): Promise<CampaignResult> {
  const broker = await brokerInTrouble()
  const { bootstrapServers } = broker
  const run = Math.random().toString(36).slice(2, 8)
  const topics = { input: `input-${run}`, output: `output-${run}` }
  const spoilt = new Set<string>()
  let failures = 0
  const onNews = (news: CopierNews) => {
    if (news.kind === 'spoilt') spoilt.add(news.attempt!)
    if (news.kind === 'failed' && !news.message!.includes('on purpose')) failures++
    if (news.kind === 'failed' && process.env.RIVVEN_VERBOSE) say(news.message!)
  }
  await fill(bootstrapServers, size, topics)
  const startedAt = performance.now()
  const reader = new CommittedReader(bootstrapServers, topics.output, size.partitions)
  const copiers = Array.from({ length: size.copiers }, (_, index) => {
    const { perTransaction, sessionTimeoutMs } = size
    const job = { bootstrapServers, name: `copier-${run}-${index}`, ...topics, group: `copiers-${run}` }
    return new KillableCopier({ ...job, perTransaction, sessionTimeoutMs, abortPercent: 10 }, onNews)
  })
  try {
    await killAround(size, { broker, copiers, reader, say })
    await until(
      () => reader.count >= size.messages,
      size.patienceMs,
      () => `${reader.count} of ${size.messages} came`,
    )
    await pause(1000) // whatever comes twice comes now
  } finally {
    for (const copier of copiers) await copier.close()
    await reader.close()
    await broker.close()
  }
  const seconds = (performance.now() - startedAt) / 1000
  return { ...compare(size, reader, spoilt), spoilt: spoilt.size, failures, seconds }
}

interface Actors {
  broker: BrokerInTrouble
  copiers: readonly KillableCopier[]
  reader: CommittedReader
  say: (text: string) => void
}

/** Kills spread over the copy: client, broker, client, … each when another part of it is done. */
async function killAround(size: CampaignSize, { broker, copiers, reader, say }: Actors): Promise<void> {
  const kills = size.clientKills + size.brokerKills
  let clients = 0
  let brokers = 0
  for (let kill = 0; kill < kills; kill++) {
    const share = ((kill + 1) / (kills + 2)) * size.messages
    await until(
      () => reader.count >= share,
      size.patienceMs,
      () => `${reader.count} of ${share} came`,
    )
    const isClient = brokers >= size.brokerKills || (clients < size.clientKills && kill % 2 === 0)
    if (isClient) {
      say(`${reader.count} records are copied: SIGKILL to copier ${clients % copiers.length}`)
      copiers[clients++ % copiers.length]!.kill()
    } else {
      say(`${reader.count} records are copied: SIGKILL to the broker`)
      brokers++
      await broker.kill()
    }
  }
}

async function fill(
  bootstrapServers: string,
  { messages, partitions }: CampaignSize,
  { input, output }: { input: string; output: string },
): Promise<void> {
  const admin = new Admin({ bootstrapServers })
  for (const name of [input, output]) await admin.createTopics([{ name, partitions, replicationFactor: 1 }])
  await admin.close()
  const producer = new Producer({ bootstrapServers })
  const records = Array.from({ length: messages }, (_, index) => {
    const partition = index % partitions
    return { topic: input, partition, value: `${partition}:${Math.floor(index / partitions)}` }
  })
  await producer.sendMany(records)
  await producer.close()
}

function compare({ messages, partitions }: CampaignSize, reader: CommittedReader, spoilt: ReadonlySet<string>) {
  let lost = 0
  let twice = 0
  let outOfOrder = 0
  for (let partition = 0; partition < partitions; partition++) {
    const seen = reader.values[partition]!
    const expected = Math.ceil((messages - partition) / partitions)
    const distinct = new Set(seen)
    lost += expected - distinct.size
    twice += seen.length - distinct.size
    for (let at = 1; at < seen.length; at++) if (seen[at]! < seen[at - 1]!) outOfOrder++
  }
  const aborted = reader.attempts.filter((attempt) => spoilt.has(attempt)).length
  return { lost, twice, outOfOrder, aborted }
}

async function until(condition: () => boolean, withinMs: number, stand: () => string): Promise<void> {
  const deadline = performance.now() + withinMs
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`The copy is stuck: ${stand()} within ${withinMs} ms.`)
    await pause(20)
  }
}
