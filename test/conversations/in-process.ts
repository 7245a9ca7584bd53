import { after, before, describe, test } from 'node:test'
import type { Broker } from './connections.js'
import type { Conversation } from './conversation.js'
import { inTime } from './in-time.js'
import { playable } from './left-out.js'
import { play } from './player.js'
import { recordings } from './recordings.js'

/** A broker in this process. */
export interface OwnBroker extends Broker {
  close(): Promise<void>
}

/** With these Kafka was recorded. Its records are old: the first look for those that need not be kept is past the end. */
export const asRecorded = {
  num_partitions: 2,
  group_initial_rebalance_delay_ms: 0,
  log_initial_task_delay_ms: 3_600_000,
}

/** The settings that a conversation asks for, in Kafka's words. */
export type Settings = Readonly<Record<string, string>>

/**
 * A test for each recording: one broker for each set of settings, many conversations at a time; those that restart the
 * broker have one of their own.
 */
export function testRecordings(
  isMeant: (conversation: Conversation, folder: string) => boolean,
  start: (settings: Settings) => Promise<OwnBroker>,
): void {
  const meant = playableRecordings().filter(({ conversation, folder }) => isMeant(conversation, folder))
  for (const [key, entries] of bySettings(meant.filter(({ conversation }) => !restarts(conversation)))) {
    describe(`Kafka's answers with ${key}`, { concurrency: 24 }, () => {
      let broker: OwnBroker
      before(async () => {
        broker = await start(JSON.parse(key))
      })
      after(() => broker.close())
      for (const { folder, conversation } of entries)
        test(`${folder}: ${conversation.name}`, () => inTime(conversation, () => play(conversation, broker)))
    })
  }
  describe("Kafka's answers across restarts", { concurrency: 8 }, () => {
    for (const { folder, conversation } of meant.filter(({ conversation }) => restarts(conversation))) {
      test(`${folder}: ${conversation.name}`, () =>
        inTime(conversation, async () => {
          const broker = await start(conversation.broker ?? {})
          await play(conversation, broker).finally(() => broker.close())
        }))
    }
  })
}

interface Entry {
  folder: string
  conversation: Conversation
}

function playableRecordings(): Entry[] {
  return recordings.flatMap(({ folder, place, conversation: recorded }) => {
    const conversation = playable(place, recorded)
    return conversation ? [{ folder, conversation }] : []
  })
}

function bySettings(entries: readonly Entry[]): Map<string, Entry[]> {
  const groups = new Map<string, Entry[]>()
  for (const entry of entries) {
    const key = JSON.stringify(entry.conversation.broker ?? {})
    groups.set(key, [...(groups.get(key) ?? []), entry])
  }
  return groups
}

const restarts = (conversation: Conversation) => conversation.steps.some((step) => step.restart)
