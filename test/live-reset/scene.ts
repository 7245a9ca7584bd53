import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { Admin, Producer } from '@rivven/client'
import { startRivven } from '@rivven/testing'
import { eventually } from '../support/eventually.js'

export const topic = 'orders'
export const group = 'readers'
export const partitionCount = 4
/** In each partition. */
export const recordCount = 6
/** Where the reset goes to. */
export const target = 2

/** What members have been given, in order. */
export class Seen {
  readonly #offsets = new Map<number, number[]>()

  add(partition: number, offset: number): void {
    const ofPartition = this.#offsets.get(partition) ?? []
    this.#offsets.set(partition, ofPartition)
    ofPartition.push(offset)
  }

  of(partition: number): readonly number[] {
    return this.#offsets.get(partition) ?? []
  }
}

/** A member whose handler can be held. */
export interface TestMember {
  /** The handler waits with the next record that it gets, until it is let go. */
  hold(): Hold
  close(): Promise<void>
}

export interface Hold {
  /** Resolves when the handler has a record. */
  readonly begun: Promise<void>
  letGo(): void
}

/** A gate that handlers of a member pass with each record. */
export class Gate {
  #closed: { begun: () => void; opened: Promise<void> } | undefined

  hold(): Hold {
    let letGo: () => void = () => undefined
    let begun: () => void = () => undefined
    const opened = new Promise<void>((resolve) => {
      letGo = resolve
    })
    const hasBegun = new Promise<void>((resolve) => {
      begun = resolve
    })
    this.#closed = { begun, opened }
    return { begun: hasBegun, letGo }
  }

  async pass(): Promise<void> {
    const gate = this.#closed
    if (!gate) return
    this.#closed = undefined
    gate.begun()
    await gate.opened
  }
}

export interface ResetAnswer {
  readonly mode: string
  readonly changes: readonly { readonly partition: number; readonly oldOffset: number | null }[]
}

/** A topic with some records, and a group whose members have read them all and committed. */
export async function scene(t: TestContext, start: (name: string, address: string, seen: Seen) => TestMember) {
  const rivven = await startRivven()
  const { bootstrapServers } = rivven
  // A connection has one request at a time: nothing else is answered over that of an operator who waits.
  const [admin, operator] = [new Admin({ bootstrapServers }), new Admin({ bootstrapServers })]
  await admin.createTopics([{ name: topic, partitions: partitionCount }])
  const producer = new Producer({ bootstrapServers })
  const produce = (count: number) => produceTo(producer, count)
  await produce(recordCount)
  const seen = new Seen()
  const members = ['a', 'b'].map((name) => start(name, bootstrapServers, seen))
  t.after(async () => {
    // Members leave as long as there is somebody to tell.
    await Promise.all(members.map((member) => member.close()))
    await Promise.all([admin.close(), operator.close(), producer.close()])
    await rivven.close()
  })
  await eventually(async () => {
    const [found] = await admin.describeGroups([group])
    const shares = found?.members.map(({ assignment }) => assignment.length)
    assert.deepEqual([found?.state, shares], ['Stable', [partitionCount / 2, partitionCount / 2]])
    await mustBeCommitted(admin, recordCount)
  })
  const reset = (handoverMs: number): Promise<ResetAnswer> => {
    const body = { to: 'offset', offset: target, live: true, handoverMs, reason: 'a test' }
    return operator.call('POST', `/api/groups/${group}/resets`, { body }) as Promise<ResetAnswer>
  }
  return { admin, seen, members: members as [TestMember, TestMember], produce, reset }
}

/** So many records to each partition. */
async function produceTo(producer: Producer, count: number): Promise<void> {
  const partitions = Array.from({ length: partitionCount }, (_, partition) => partition)
  const sent = partitions.flatMap((partition) =>
    Array.from({ length: count }, () => producer.send({ topic, partition, value: 'x' })),
  )
  await Promise.all(sent)
}

async function mustBeCommitted(admin: Admin, offset: number): Promise<void> {
  const committed = await admin.listGroupOffsets(group)
  assert.deepEqual(
    committed.map((one) => one.offset),
    Array.from({ length: partitionCount }, () => offset),
  )
}

/** All from the target on has come again, and nothing before it; in the end all is committed again. */
export async function mustBeReadAgain(admin: Admin, seen: Seen, end = recordCount): Promise<void> {
  await eventually(() => mustBeCommitted(admin, end))
  for (let partition = 0; partition < partitionCount; partition++) {
    const offsets = seen.of(partition)
    const again = offsets.slice(offsets.lastIndexOf(target))
    assert.deepEqual(again, range(target, end), `partition ${partition}: ${offsets}`)
    assert.ok(offsets.filter((offset) => offset === target - 1).length === 1, `partition ${partition}: ${offsets}`)
  }
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, at) => from + at)
}
