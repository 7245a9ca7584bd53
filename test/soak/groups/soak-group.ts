import { setTimeout as pause } from 'node:timers/promises'
import type { ConsumerOptions, ConsumerRecord } from '@rivven/client'
import { Member } from './member.js'
import { Sequences } from './sequences.js'
import type { TopicLoad } from './topic-load.js'

export interface SoakGroupOptions {
  readonly load: TopicLoad
  readonly consumer: ConsumerOptions & { groupId: string }
  readonly members: number
  /** How long it may take to settle, and to read what is left at the end. */
  readonly patienceMs: number
}

/** What one group has seen, or all together. */
export interface GroupCounts {
  changes: number
  rebalances: number
  /** Rebalances between two changes. */
  unasked: number
  thrownOut: number
  read: number
  lost: number
  twice: number
  skipped: number
}

/** A group whose members come and go, one at a time, and which reads one topic. */
export class SoakGroup {
  readonly #options: SoakGroupOptions
  readonly #sequences = new Sequences()
  readonly #failures: string[] = []
  #members: Member[] = []
  #changes = 0
  #rebalances = 0
  #unasked = 0
  #thrownOut = 0
  #generation = 0
  #changing: Promise<void> = Promise.resolve()

  constructor(options: SoakGroupOptions) {
    this.#options = options
  }

  async start(): Promise<void> {
    this.#members = await Promise.all(Array.from({ length: this.#options.members }, () => this.#join()))
    await this.#settle()
    this.#rebalances = 0
  }

  /** The oldest member leaves and, when the others have settled, a new one joins. */
  change(): Promise<void> {
    this.#changing = this.#changing.then(() => this.#change())
    return this.#changing
  }

  /** Resolves when nothing changes any more. */
  settled(): Promise<void> {
    return this.#changing
  }

  /** All that was sent is read, or patience ends; then all leave. */
  async finish(): Promise<void> {
    await this.#changing
    this.#noteUnasked()
    const deadline = performance.now() + this.#options.patienceMs
    while (this.#missing > 0 && performance.now() < deadline) await pause(50)
    await Promise.all(this.#members.map((member) => this.#leave(member)))
  }

  /** The longest time that a member's last heartbeat was answered ago. */
  get heardAgoMs(): number {
    return Math.max(0, ...this.#members.map((member) => member.heardAgoMs))
  }

  get counts(): GroupCounts {
    const { seen: read, twice, skipped } = this.#sequences
    const [changes, rebalances, unasked, thrownOut] = [this.#changes, this.#rebalances, this.#unasked, this.#thrownOut]
    return { changes, rebalances, unasked, thrownOut, read, lost: this.#missing, twice, skipped }
  }

  get failures(): string[] {
    return this.#failures.map((failure) => `${this.#options.consumer.groupId}, ${failure}`)
  }

  async #change(): Promise<void> {
    this.#noteUnasked()
    const leaving = this.#members.shift()
    if (leaving) await this.#leave(leaving)
    await this.#settle()
    this.#members.push(await this.#join())
    await this.#settle()
    this.#changes++
  }

  async #join(): Promise<Member> {
    const { consumer, load } = this.#options
    const member = new Member(consumer, (record) => this.#read(record))
    await member.start(load.topic)
    return member
  }

  async #leave(member: Member): Promise<void> {
    await member.leave()
    this.#thrownOut += member.thrownOut
    this.#failures.push(...member.failures)
  }

  /** Until each member has its share. */
  async #settle(): Promise<void> {
    const deadline = performance.now() + this.#options.patienceMs
    while (!this.#isSettled) {
      if (performance.now() > deadline) {
        this.#failures.push('it did not settle')
        break
      }
      await pause(50)
    }
    this.#rebalances += this.#now - this.#generation
    this.#generation = this.#now
  }

  get #isSettled(): boolean {
    const owned = this.#members.map((member) => member.owned)
    const isShared = owned.every((count) => count > 0) && owned.reduce((sum, count) => sum + count, 0) === this.#count
    return isShared && this.#members.every(({ generation }) => generation === this.#now)
  }

  get #count(): number {
    return this.#options.load.partitions
  }

  get #now(): number {
    return Math.max(...this.#members.map(({ generation }) => generation))
  }

  #noteUnasked(): void {
    this.#unasked += this.#now - this.#generation
    this.#generation = this.#now
  }

  #read({ partition, value }: ConsumerRecord): void {
    this.#sequences.read(partition, Number(value))
  }

  /** Numbers that were sent and have not come. */
  get #missing(): number {
    const { load } = this.#options
    let missing = 0
    for (let at = 0; at < load.partitions; at++) missing += Math.max(0, load.sentTo(at) - this.#sequences.next(at))
    return missing
  }
}
