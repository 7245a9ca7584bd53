import type { Admin } from '@rivven/client'
import { ledBy } from '../cluster/cluster-page.js'
import type { CommandContext } from '../context.js'
import { UsageError } from '../failure.js'
import { pause } from '../terminal/pause.js'
import { counted } from '../text/words.js'

const lookMs = 200

export async function drainBroker(context: CommandContext, word: string, { wait }: { wait?: boolean }): Promise<void> {
  const broker = brokerIn(word)
  const admin = await context.admin()
  await setDraining(admin, broker, true)
  const left = await partitionsOf(admin, broker)
  context.terminal.words(`Broker ${broker} gets nothing any more, and hands over ${counted(left, 'partition')}.\n`)
  if (!wait) return
  while ((await partitionsOf(admin, broker)) > 0) if (!(await pause(context, lookMs))) return
  context.terminal.words(`Broker ${broker} leads nothing: it may be stopped.\n`)
}

export async function undrainBroker(context: CommandContext, word: string): Promise<void> {
  const broker = brokerIn(word)
  await setDraining(await context.admin(), broker, false)
  context.terminal.words(`Broker ${broker} may lead again, and gets its share in small steps.\n`)
}

async function setDraining(admin: Admin, broker: number, draining: boolean): Promise<void> {
  await admin.call('POST', `/api/cluster/brokers/${broker}/draining`, { body: { draining } })
}

async function partitionsOf(admin: Admin, broker: number): Promise<number> {
  const { partitions, coordinates } = ledBy(await admin.listTopics(), broker)
  return partitions + coordinates
}

function brokerIn(word: string): number {
  if (!/^\d+$/.test(word))
    throw new UsageError(`${word} is no broker: write its id, as \`rivvenctl cluster describe\` shows it.`)
  return Number(word)
}
