import { after, before, describe, test } from 'node:test'
import { type Rivven, startRivven } from '@rivven/testing'
import type { Conversation } from './conversation.js'
import { playable } from './left-out.js'
import { play } from './player.js'
import { recordings } from './recordings.js'

// Every recording of Apache Kafka's answers, played with our broker in process: one broker for each set of settings, many
// conversations at a time; those that restart the broker have one of their own.
// Conversations about security wait until the broker has users and rules.
const conversations = recordings.flatMap(({ folder, place, conversation: recorded }) => {
  const conversation = recorded.security ? undefined : playable(place, recorded)
  return conversation ? [{ folder, conversation }] : []
})

/** The settings with which Kafka was recorded (it named its port 39092), and those that a conversation asks for. */
function configOf(conversation: Conversation): Record<string, string | number> {
  const own = Object.entries(conversation.broker ?? {}).map(([key, value]) => [key.replaceAll('.', '_'), value])
  return {
    advertised_listeners: '127.0.0.1:39092',
    num_partitions: 2,
    group_initial_rebalance_delay_ms: 0,
    ...Object.fromEntries(own),
  }
}

const restarts = (conversation: Conversation) => conversation.steps.some((step) => step.restart)

const isTimed = (conversation: Conversation) =>
  conversation.steps.some(({ wait, after }) => wait !== undefined || after !== undefined)

/** A busy machine can let a short session end too soon: what waits on purpose has three tries. A wrong answer fails in all. */
async function playInTime(conversation: Conversation, rivven: Rivven): Promise<void> {
  for (let tries = isTimed(conversation) ? 3 : 1; ; tries--) {
    try {
      await play(conversation, rivven)
      return
    } catch (error) {
      if (tries === 1) throw error
    }
  }
}

const bySettings = new Map<string, typeof conversations>()
for (const entry of conversations.filter(({ conversation }) => !restarts(conversation))) {
  const key = JSON.stringify(configOf(entry.conversation))
  bySettings.set(key, [...(bySettings.get(key) ?? []), entry])
}

for (const [key, entries] of bySettings) {
  describe(`Kafka's answers with ${key}`, { concurrency: 24 }, () => {
    let rivven: Rivven
    before(async () => {
      rivven = await startRivven({ config: JSON.parse(key) })
    })
    after(() => rivven.close())
    for (const { folder, conversation } of entries)
      test(`${folder}: ${conversation.name}`, () => playInTime(conversation, rivven))
  })
}

describe("Kafka's answers across restarts", { concurrency: 8 }, () => {
  for (const { folder, conversation } of conversations.filter(({ conversation }) => restarts(conversation))) {
    test(`${folder}: ${conversation.name}`, async () => {
      await using rivven = await startRivven({ config: configOf(conversation) })
      await play(conversation, rivven)
    })
  }
})
