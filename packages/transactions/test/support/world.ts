import assert from 'node:assert/strict'
import {
  addPartitions,
  createShard,
  type Decision,
  decodeEvent,
  type EncodedRecord,
  encodeEvent,
  endTransaction,
  initProducerId,
  loaded,
  markersWritten,
  type Now,
  replay,
  type Transaction,
  type TransactionResponse,
  type TransactionShard,
  tick,
  type WriteMarkers,
} from '../../src/index.js'

/** A client that was given a producer id and epoch. */
export interface Instance {
  readonly transactionalId: string
  producerId: number
  producerEpoch: number
  /** A newer instance was given its epoch: nothing may succeed any more. */
  isFenced: boolean
}

type Then = (response: TransactionResponse) => void

interface Parked {
  readonly ticket: number
  readonly response: TransactionResponse
}

/**
 * A coordinator whose appends become durable late or never, the partitions that its markers go to, and clients. Checks
 * after every step what must always hold.
 */
export class World {
  readonly instances: Instance[] = []
  now: Now = { wall: 1_000, monotonic: 0 }
  readonly #log: EncodedRecord[] = []
  #durable = 0
  #shard: TransactionShard
  #replies: Parked[] = []
  #effects: WriteMarkers[] = []
  /** What may be carried out: the events are durable. */
  #markers: WriteMarkers[] = []
  readonly #waiting = new Map<number, Then>()
  #lastTicket = 0
  #lastProducerId = 0
  /** By transaction: how it ended. */
  readonly #outcomes = new Map<string, boolean>()
  /** By transactional id: what was stored last. */
  readonly #latest = new Map<string, Transaction>()
  /** Whose producer ended its transaction by the classic protocol. */
  readonly #askedFor = new Set<string>()
  readonly #usedProducerIds = new Map<number, string>()
  readonly #firstProducerEpoch: number

  constructor(firstProducerEpoch: number) {
    this.#firstProducerEpoch = firstProducerEpoch
    this.#shard = this.#newShard()
    this.#seed('x')
    this.#seed('y')
  }

  init(transactionalId: string, own: Instance | null): void {
    const { producerId, producerEpoch } = own ?? { producerId: -1, producerEpoch: -1 }
    const request = { transactionalId, transactionTimeoutMs: 60_000, producerId, producerEpoch }
    const wasFenced = own?.isFenced ?? false
    this.#apply(
      initProducerId(
        this.#shard,
        this.#call(request, 5, (response) => this.#given(response, own, wasFenced, request)),
      ),
    )
  }

  add(own: Instance, partition: number, apiVersion: number): void {
    const { transactionalId, producerId, producerEpoch, isFenced } = own
    const topics = [{ name: 't', partitions: [partition] }]
    const request = { transactionalId, producerId, producerEpoch, verifyOnly: false, topics }
    const answered: Then = (response) => {
      assert.ok('topicResults' in response)
      const code = response.topicResults[0]!.resultsByPartition[0]!.partitionErrorCode
      if (isFenced) assert.notEqual(code, 0, 'a fenced producer added a partition')
    }
    this.#apply(addPartitions(this.#shard, this.#call(request, apiVersion, answered)))
  }

  end(own: Instance, committed: boolean, apiVersion: number): void {
    const { transactionalId, producerId, producerEpoch, isFenced } = own
    const request = { transactionalId, producerId, producerEpoch, committed }
    const answered: Then = (response) => {
      assert.ok('errorCode' in response && 'producerEpoch' in response)
      if (isFenced) assert.notEqual(response.errorCode, 0, 'a fenced producer ended a transaction')
      if (response.errorCode !== 0 || apiVersion < 5) return
      own.producerId = response.producerId
      own.producerEpoch = response.producerEpoch
    }
    const decision = endTransaction(this.#shard, this.#call(request, apiVersion, answered))
    this.#apply(decision)
    const [reply] = decision.replies
    if (decision.events.length > 0 && !committed && apiVersion < 5) this.#askedFor.add(transactionalId)
    if (!reply || !('errorCode' in reply.response) || reply.response.errorCode !== 0) return
    const { state } = this.#shard.transactions.get(transactionalId)!
    assert.match(state, committed ? /^(Prepare|Complete)Commit$/ : /^(Prepare|Complete)Abort$/)
  }

  pass(ms: number): void {
    this.now = { wall: this.now.wall + ms, monotonic: this.now.monotonic + ms }
    for (const transactionalId of [...this.#shard.deadlines.keys()]) {
      this.#apply(tick(this.#shard, transactionalId, this.now))
    }
  }

  /** Everything appended so far is durable: replies leave, markers may be written. */
  flush(): void {
    for (const record of this.#log.slice(this.#durable)) this.#becomesDurable(record)
    this.#durable = this.#log.length
    this.#markers.push(...this.#effects.splice(0))
    for (const { ticket, response } of this.#replies.splice(0)) {
      const then = this.#waiting.get(ticket)
      this.#waiting.delete(ticket)
      then?.(response)
    }
  }

  /** One marker reaches its partition. */
  writeMarker(): void {
    const markers = this.#markers.shift()
    if (!markers) return
    const [first, ...rest] = markers.partitions.flatMap(({ topic, partitions }) =>
      partitions.map((partition) => ({ topic, partitions: [partition] })),
    )
    if (rest.length > 0) this.#markers.push({ ...markers, partitions: rest })
    this.#apply(markersWritten(this.#shard, { ...markers, partitions: [first!] }, this.now))
  }

  /** Loses what was not durable but for `kept` records, and all that waited for it. */
  crash(kept: number): void {
    this.#log.length = Math.min(this.#log.length, this.#durable + kept)
    this.#replies = []
    this.#effects = []
    this.#markers = []
    this.#waiting.clear()
    this.#shard = this.#replayed()
    this.#apply(loaded(this.#shard, this.now))
  }

  /** Lets everything come to its end. */
  settle(): void {
    this.flush()
    while (this.#markers.length > 0) {
      this.writeMarker()
      this.flush()
    }
    for (const [transactionalId, { state }] of this.#shard.transactions) {
      assert.ok(!state.startsWith('Prepare'), `${transactionalId} stays in ${state}`)
    }
  }

  #seed(transactionalId: string): void {
    const transaction: Transaction = {
      producerId: ++this.#lastProducerId,
      producerEpoch: this.#firstProducerEpoch,
      previousProducerId: -1,
      nextProducerId: -1,
      lastProducerEpoch: -1,
      timeoutMs: 60_000,
      state: 'Empty',
      partitions: null,
      startTimestamp: -1,
      lastUpdateTimestamp: 0,
      clientTransactionVersion: 0,
    }
    const event = { kind: 'TransactionStored', transactionalId, transaction, recordVersion: 1 } as const
    this.#apply({ events: [event], replies: [], effects: [] })
    this.flush()
  }

  #given(
    response: TransactionResponse,
    own: Instance | null,
    wasFenced: boolean,
    request: { transactionalId: string; producerEpoch: number },
  ): void {
    assert.ok('errorCode' in response && 'producerEpoch' in response)
    if (response.errorCode !== 0) return
    assert.ok(!wasFenced, 'a fenced producer got an epoch')
    const { producerId, producerEpoch } = response
    if (own) {
      own.producerId = producerId
      own.producerEpoch = producerEpoch
      return
    }
    const { transactionalId } = request
    for (const other of this.instances) if (other.transactionalId === transactionalId) other.isFenced = true
    this.instances.push({ transactionalId, producerId, producerEpoch, isFenced: false })
  }

  #apply(decision: Decision): void {
    // No two transactions of an id begin in the same millisecond here: that tells them apart.
    this.now = { wall: this.now.wall + 1, monotonic: this.now.monotonic + 1 }
    for (const event of decision.events) {
      const record = encodeEvent(event)
      this.#log.push(record)
      replay(this.#shard, event)
    }
    this.#replies.push(...decision.replies)
    this.#effects.push(...decision.effects)
    assert.deepEqual(this.#shard.transactions, this.#replayed().transactions)
    if (this.#durable === this.#log.length) this.flush()
  }

  #becomesDurable({ key, value }: EncodedRecord): void {
    const event = decodeEvent(key, value)
    assert.ok(event?.kind === 'TransactionStored')
    const { transactionalId, transaction } = event
    this.#neverGoesBack(transactionalId, transaction)
    this.#fencesWhoIsTooLate(transactionalId, transaction)
    this.#latest.set(transactionalId, transaction)
    if (transaction.state === 'Empty' || transaction.state === 'Ongoing') return
    const name = `${transactionalId} since ${transaction.startTimestamp}`
    const committed = transaction.state.endsWith('Commit')
    assert.equal(this.#outcomes.get(name) ?? committed, committed, `${name} is both committed and aborted`)
    this.#outcomes.set(name, committed)
  }

  #neverGoesBack(transactionalId: string, { producerId, producerEpoch }: Transaction): void {
    const before = this.#latest.get(transactionalId)
    if (before?.producerId === producerId) {
      assert.ok(producerEpoch >= before.producerEpoch, `${transactionalId}: epoch ${producerEpoch} is less than before`)
      return
    }
    assert.ok(!this.#usedProducerIds.has(producerId), `producer id ${producerId} is given twice`)
    this.#usedProducerIds.set(producerId, transactionalId)
  }

  /** Nobody asked for this abort: what its producer still sends must not get into the next transaction. */
  #fencesWhoIsTooLate(transactionalId: string, { state, producerEpoch }: Transaction): void {
    const before = this.#latest.get(transactionalId)
    if (state !== 'PrepareAbort' || before?.state !== 'Ongoing' || this.#askedFor.delete(transactionalId)) return
    assert.ok(producerEpoch > before.producerEpoch, `${transactionalId} is aborted without a new epoch`)
  }

  #call<Request>(request: Request, apiVersion: number, then: Then) {
    const ticket = ++this.#lastTicket
    this.#waiting.set(ticket, then)
    const context = { apiVersion, clientId: 'c', clientHost: '/127.0.0.1' }
    return { ticket, request, context, now: this.now }
  }

  #replayed(): TransactionShard {
    const shard = this.#newShard()
    for (const { key, value } of this.#log) replay(shard, decodeEvent(key, value)!)
    return shard
  }

  #newShard(): TransactionShard {
    return createShard({ newProducerId: () => ++this.#lastProducerId })
  }
}
