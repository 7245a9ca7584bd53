import { Consumer, type ConsumerOptions } from '@rivven/client'
import type { GroupCheck } from '../check/group-check.js'
import { patience, quiet } from './patience.js'
import { pollAnyway } from './reader.js'

export interface GroupOptions {
  bootstrapServers: string
  name: string
  topic: string
  members: number
  strategy: 'range' | 'cooperative_sticky'
  sessionTimeoutMs: number
  /** The first member keeps its place by its name (KIP-345). */
  hasStaticMember?: boolean
}

/** Members of one group, which tell its check what they handle. */
export class Group {
  readonly name: string
  readonly #members: readonly Consumer[]
  readonly #done: Promise<unknown>
  #isOver = false

  constructor(options: GroupOptions, check: GroupCheck) {
    this.name = options.name
    this.#members = Array.from({ length: options.members }, (_, at) => new Consumer(memberOptions(options, at)))
    this.#done = Promise.all(this.#members.map((member) => this.#work(member, options.topic, check)))
  }

  /** The latest that a member knows of. */
  get generation(): number {
    return Math.max(...this.#members.map(({ generationId }) => generationId))
  }

  /** All partitions are handed out, to every member some. */
  get isComplete(): boolean {
    return this.#members.every((member) => member.assignment().length > 0)
  }

  async close(): Promise<void> {
    this.#isOver = true
    await this.#done
    await Promise.all(this.#members.map((member) => member.close({ timeoutMs: 5_000 })))
  }

  async #work(member: Consumer, topic: string, check: GroupCheck): Promise<void> {
    await member.subscribe(topic)
    while (!this.#isOver) for (const { partition, offset } of await pollAnyway(member)) check.handled(partition, offset)
  }
}

function memberOptions(options: GroupOptions, at: number): ConsumerOptions {
  const { bootstrapServers, name, strategy, sessionTimeoutMs, hasStaticMember = false } = options
  const common: ConsumerOptions = {
    bootstrapServers,
    groupId: name,
    partitionAssignmentStrategy: strategy,
    autoOffsetReset: 'earliest',
    autoCommitIntervalMs: 200,
    sessionTimeoutMs,
    fetchMaxWaitMs: 200,
    ...patience,
    ...quiet,
  }
  return hasStaticMember && at === 0 ? { ...common, groupInstanceId: `${name}-1` } : common
}
