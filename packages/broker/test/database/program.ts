import type { Database, Incarnation, Term } from '../../src/database/database.js'
import type { Flush } from '../../src/database/log-tables.js'
import type { Move } from '../../src/database/members.js'
import type { PartitionRow } from '../../src/database/metadata.js'
import { createTopic, entry, LEASE_MS, type SharedDatabase } from './implementations.js'
import { batch, flush, segment } from './log-rows.js'
import { Oracle, type SentBatch } from './oracle.js'

const PARTITIONS = 4
const BROKERS = [1, 2, 3]

/** What a database answered to one call, and what it should have answered. */
export interface Step {
  readonly call: string
  readonly answer: unknown
  readonly expected: unknown
}

/** An append, as the oracle and as the database know it. */
interface Sent {
  readonly batches: readonly SentBatch[]
  readonly flush: Flush
}

/** A program of random calls by three brokers that may believe what is not so any more. */
export class Program {
  readonly #draw: (below: number) => number
  readonly #shared: SharedDatabase
  readonly #oracle = new Oracle()
  /** Of each broker, its own connection. */
  readonly #databases = new Map<number, Database>()
  /** Whom each broker takes itself for. */
  readonly #selves = new Map<number, Incarnation>()
  #chunk = 0
  #places: readonly PartitionRow[] = []
  readonly #sent: Sent[] = []
  #segments = 0

  constructor(shared: SharedDatabase, draw: (below: number) => number) {
    this.#shared = shared
    this.#draw = draw
  }

  async begin(): Promise<void> {
    for (const id of BROKERS) {
      this.#databases.set(id, await this.#shared.connect())
      await this.#register(id)
    }
    const database = this.#databases.get(1)!
    this.#places = await createTopic(database, 'orders', Array<null>(PARTITIONS).fill(null))
    for (const _ of this.#places) {
      this.#oracle.places.push({ leader: null, incarnation: 0, epoch: 0, batches: [], checkpoint: undefined })
    }
    this.#oracle.version++
    const { chunks } = await database.metadata.changesSince(0)
    this.#chunk = chunks.find(({ keep }) => keep === '10d')!.chunk
  }

  async step(): Promise<Step> {
    const id = BROKERS[this.#draw(BROKERS.length)]!
    const me = this.#selves.get(id)!
    switch (this.#draw(14)) {
      case 0:
        return this.#register(id)
      case 1:
      case 2:
        return this.#renew(id, me)
      case 3:
        return this.#pass()
      case 4:
        return this.#draw(3) === 0 ? this.#retire(id, me) : this.#image(id)
      case 5:
      case 6:
      case 7:
        return this.#assign(id, me)
      case 8:
        return this.#bury(id)
      case 9:
      case 10:
        return this.#append(id)
      case 11:
        return this.#appendAgain(id)
      case 12:
        return this.#checkpointOrRemove(id)
      default:
        return this.#load(id)
    }
  }

  async #register(id: number): Promise<Step> {
    const registration = await this.#databases.get(id)!.members.register(entry(id))
    if (registration === 'taken') throw new Error(`Broker ${id} is taken.`)
    const { me, version, partitions } = registration
    this.#selves.set(id, me)
    const led = partitions.map((row) => this.#leadership(row))
    const answer = { incarnation: me.incarnation, version, led }
    return { call: `register ${id}`, answer, expected: this.#oracle.register(id) }
  }

  async #renew(id: number, me: Incarnation): Promise<Step> {
    const renewal = await this.#databases.get(id)!.members.renew(me, LEASE_MS)
    const late =
      renewal === 'replaced' ? [] : renewal.late.map(({ brokerId, incarnation }) => `${brokerId}.${incarnation}`)
    const answer = renewal === 'replaced' ? renewal : { version: renewal.version, late }
    return { call: `renew ${id}.${me.incarnation}`, answer, expected: this.#oracle.renew(me) }
  }

  async #retire(id: number, me: Incarnation): Promise<Step> {
    const answer = await this.#databases.get(id)!.members.retire(me)
    return { call: `retire ${id}.${me.incarnation}`, answer, expected: this.#oracle.retire(me) }
  }

  async #pass(): Promise<Step> {
    const ms = this.#draw(LEASE_MS)
    await this.#shared.pass(ms)
    this.#oracle.now += ms
    return { call: `${ms} ms pass`, answer: undefined, expected: undefined }
  }

  async #assign(id: number, me: Incarnation): Promise<Step> {
    const moves = this.#moves()
    const { version, partitions } = await this.#databases.get(id)!.members.assign(me, this.#withIds(moves))
    const answer = { version, moved: partitions.map((row) => this.#leadership(row)) }
    const call = `assign by ${id}.${me.incarnation} ${JSON.stringify(moves)}`
    return { call, answer, expected: this.#oracle.assign(me, moves) }
  }

  async #bury(id: number): Promise<Step> {
    const dead = this.#selves.get(BROKERS[this.#draw(BROKERS.length)]!)!
    const sawItsEnd = this.#draw(4) === 0
    const moves = this.#moves()
    const buried = await this.#databases.get(id)!.members.bury(dead, sawItsEnd, this.#withIds(moves))
    const moved = buried.partitions.map((row) => this.#leadership(row))
    const answer = { isBuried: buried.isBuried, version: buried.version, moved }
    const call = `bury ${dead.brokerId}.${dead.incarnation} (${sawItsEnd}) ${JSON.stringify(moves)}`
    return { call, answer, expected: this.#oracle.bury(dead, sawItsEnd, moves) }
  }

  async #append(id: number): Promise<Step> {
    const some = [...this.#places.keys()].filter(() => this.#draw(2) === 0)
    const batches = some.map((at) => {
      const epoch = this.#epochOf(at)
      const offset = this.#oracle.places[at]!.batches.length
      return { at, epoch, offset, text: `${id} writes ${at}/${offset} in ${epoch}` }
    })
    const parts = batches.flatMap(({ at, epoch, offset, text }) => {
      const term: Term = { partId: this.#places[at]!.partId, epoch }
      return flush(term, this.#chunk, [batch(++this.#segments, offset, text)], true).parts
    })
    const sent = { batches, flush: { chunk: this.#chunk, parts } }
    this.#sent.push(sent)
    return this.#send(id, sent)
  }

  async #appendAgain(id: number): Promise<Step> {
    const sent = this.#sent[this.#draw(this.#sent.length)]
    if (sent === undefined) return this.#image(id)
    if (this.#draw(2) === 0) return this.#send(id, sent)
    const stored = await this.#databases.get(id)!.logs.stored(sent.flush)
    const call = `stored ${JSON.stringify(sent.batches)}`
    return { call, answer: this.#atOf(stored), expected: this.#oracle.stored(sent.batches) }
  }

  async #send(id: number, sent: Sent): Promise<Step> {
    const taken = await this.#databases.get(id)!.logs.append(sent.flush)
    const answer = taken === 'repeated' ? taken : this.#atOf(taken)
    return { call: `append ${JSON.stringify(sent.batches)}`, answer, expected: this.#oracle.append(sent.batches) }
  }

  async #checkpointOrRemove(id: number): Promise<Step> {
    const { logs } = this.#databases.get(id)!
    const at = this.#draw(PARTITIONS)
    const epoch = this.#epochOf(at)
    const { partId, epoch: now } = { ...this.#places[at]!, epoch: this.#oracle.places[at]!.epoch }
    const term = { partId, epoch }
    if (this.#draw(2) === 0) {
      const state = Buffer.from(`${id} in ${epoch}`)
      const answer = await logs.checkpoint(term, { startOffset: 0, offset: 0, state, segments: [] })
      const expected = this.#oracle.checkpoint(at, epoch, state.toString())
      return { call: `checkpoint ${at} in ${epoch}`, answer, expected }
    }
    const [loaded] = await logs.load([{ partId, epoch: now }])
    const gone = loaded!.segments.slice(0, 1).map(({ segmentId }) => segmentId)
    const answer = await logs.swapSegments(term, gone, [])
    return { call: `remove of ${at} in ${epoch}`, answer, expected: this.#oracle.removeFirst(at, epoch) }
  }

  async #load(id: number): Promise<Step> {
    const { logs } = this.#databases.get(id)!
    const at = this.#draw(PARTITIONS)
    const term = { partId: this.#places[at]!.partId, epoch: this.#epochOf(at) }
    const [loaded] = await logs.load([term])
    const texts = await Promise.all(
      (loaded?.segments ?? []).map(({ segmentId }) =>
        logs.read(segment(term, this.#chunk, segmentId, 0), { fromOffset: 0, maxBytes: 1000 }),
      ),
    )
    const checkpoint = loaded?.checkpoint?.state.toString()
    const answer = loaded && { checkpoint, batches: texts.flat().map((payload) => payload.toString()) }
    return { call: `load ${at} in ${term.epoch}`, answer, expected: this.#oracle.load(at, term.epoch) }
  }

  async #image(id: number): Promise<Step> {
    const { version, partitions } = await this.#databases.get(id)!.metadata.changesSince(0)
    const rows = partitions.toSorted((a, b) => a.index - b.index)
    const answer = { version, places: rows.map((row) => this.#leadership(row)) }
    const places = [...this.#places.keys()].map((at) => this.#oracle.leadership(at))
    return { call: 'image', answer, expected: { version: this.#oracle.version, places } }
  }

  /** By place in `partId`. */
  #moves(): Move[] {
    const some = [...this.#places.keys()].filter(() => this.#draw(2) === 0)
    return some.map((at) => ({ partId: at, epoch: this.#epochOf(at), target: BROKERS[this.#draw(BROKERS.length)]! }))
  }

  #withIds(moves: readonly Move[]): Move[] {
    return moves.map((move) => ({ ...move, partId: this.#places[move.partId]!.partId }))
  }

  /** Of now, mostly; else an earlier one. */
  #epochOf(at: number): number {
    const { epoch } = this.#oracle.places[at]!
    return this.#draw(5) === 0 ? Math.max(0, epoch - 1) : epoch
  }

  #atOf(partIds: ReadonlySet<number>): string {
    return String([...this.#places.keys()].filter((at) => partIds.has(this.#places[at]!.partId)))
  }

  #leadership({ index, leader, incarnation, epoch }: PartitionRow): string {
    return `${index} by ${leader}.${incarnation} in ${epoch}`
  }
}
