import assert from 'node:assert/strict'
import { Consumer, type ConsumerOptions, Producer } from '@rivven/client'
import { startRivven } from '@rivven/testing'
import { type Ran, type RunOptions, rivvenctl } from './rivvenctl.js'

/** A broker, and rivvenctl pointed at it. */
export async function scene(config: Record<string, unknown> = {}) {
  const rivven = await startRivven({ config: { auto_create_topics_enable: false, ...config } })
  const { bootstrapServers } = rivven
  const opened: { close(): Promise<unknown> }[] = []
  const run = (line: string | readonly string[], runOptions: RunOptions = {}) =>
    rivvenctl(['-b', bootstrapServers, ...(typeof line === 'string' ? line.split(' ') : line)], runOptions)
  return {
    rivven,
    bootstrapServers,
    run,
    /** Runs it, expects that it succeeds, and gives its data. */
    async data(line: string | readonly string[], runOptions: RunOptions = {}): Promise<string> {
      const ran = await run(line, runOptions)
      assert.equal(ran.status, 0, ran.words)
      return ran.out
    },
    /** A topic with values 0, 1, 2, … in each of its partitions. */
    async topicWith(topic: string, partitions: number, recordsEach: number): Promise<void> {
      await this.data(`topic create ${topic} --partitions ${partitions}`)
      const producer = new Producer({ bootstrapServers })
      for (let partition = 0; partition < partitions; partition++) {
        const values = Array.from({ length: recordsEach }, (_, value) => ({ topic, partition, value: `${value}` }))
        await producer.sendMany(values)
      }
      await producer.close()
    },
    /** A member of the group that owns all partitions of the topic. */
    async member(
      groupId: string,
      topic: string,
      clientId = 'worker',
      options: Partial<ConsumerOptions> = {},
    ): Promise<Consumer> {
      const base = { bootstrapServers, groupId, clientId, autoOffsetReset: 'earliest' } as const
      const consumer = new Consumer({ ...base, ...options })
      opened.push(consumer)
      await consumer.subscribe([topic])
      while (consumer.assignment().length === 0) await consumer.poll(50)
      return consumer
    },
    async [Symbol.asyncDispose]() {
      for (const one of opened) await one.close()
      await rivven.close()
    },
  }
}

/** Cells of a table, a row a line; without its titles. */
export function cells(table: string): string[][] {
  const rows = table.trimEnd().split('\n').slice(1)
  return rows.map((row) => row.split(/ +/))
}

/** What everybody who mistyped something should see. */
export function assertPlainFailure(ran: Ran, sentence: RegExp, status = 1): void {
  assert.equal(ran.status, status, ran.words)
  assert.equal(ran.out, '')
  assert.match(ran.words, sentence)
  assert.equal(ran.words.trimEnd().split('\n').length, 1, ran.words)
  assert.doesNotMatch(ran.words, /\n\s+at |node:internal|\.js:\d+/)
  assert.ok(ran.tookMs < 10_000, `it took ${ran.tookMs} ms`)
}
