import { batchProducerEpoch, batchProducerId } from '@rivven/protocol'
import type { Exchange, Seen, Timed } from '../../history/history.js'
import type { Reset } from '../../history/resets.js'
import { type Plan, remadeTopics } from '../../plan/plan.js'
import { type Check, isUndecided, type Report } from '../check.js'

/** What may be committed for one partition of one group. */
interface Register {
  /** The newest commit that was acknowledged; undefined: none. */
  acknowledged: number | undefined
  /** When that answer came, and from which broker. */
  acknowledgedAt: number
  acknowledgedBy: string
  /** Commits that were sent and whose fate is not known: each of them may come into effect late. */
  readonly open: Map<Exchange | Reset, number>
  /** Never answered, or with an error that leaves it open: as above, for ever. */
  readonly lost: Set<number>
}

/** The offset of a partition that an open transaction has stored. */
interface HeldOffset {
  readonly transactionalId: string
  readonly since: number
  readonly begunAt: number
}

/** Offsets that go with a transaction. */
interface PendingOffsets {
  readonly offsets: Map<string, number>
  /** When its producer asked for something in it for the first time: its timeout counts from then, or later. */
  readonly since: number
  /** When its end was first asked for: from then on it may have come into effect. */
  endAskedAt: number | undefined
}

/**
 * Invariants 17, 18 and 21: who asks for a committed offset gets the last acknowledged one, or one that was sent and never
 * answered; it never goes back or becomes nothing by itself.
 */
export class CommittedOffsets implements Check {
  readonly #report: Report
  readonly #registers = new Map<string, Register>()
  /** By a transaction's id and epoch: what an earlier epoch left is aborted. */
  readonly #pending = new Map<string, PendingOffsets>()
  /** Offsets of transactions that are open, by partition. */
  readonly #held = new Map<string, HeldOffset>()
  /** What could be the answer at any time since a fetch was sent. */
  readonly #allowed = new Map<Exchange, Map<string, Set<number>>>()

  /** Offsets of groups that may have been empty for as long as they are kept; 'ledger' never is (invariant 22). */
  readonly #mayExpire: boolean
  readonly #remade: ReadonlySet<string>
  /** By transactional id: how long its transactions may last at least. */
  readonly #timeouts = new Map<string, number>()
  /** What they ask for has no effect; FencedProducers sees to that. */
  readonly #liars: ReadonlySet<string>

  constructor(report: Report, plan: Plan) {
    this.#report = report
    this.#remade = remadeTopics(plan)
    for (const actor of plan.actors) {
      if (actor.kind !== 'copier') continue
      const { transactionalId: id, transactionTimeoutMs } = actor
      this.#timeouts.set(id, Math.min(transactionTimeoutMs, this.#timeouts.get(id) ?? transactionTimeoutMs))
    }
    this.#mayExpire = plan.brokerConfig.offsets_retention_minutes !== undefined
    const liars = plan.actors.filter(({ kind }) => kind === 'lying producer')
    this.#liars = new Set(liars.map(({ name }) => name))
  }

  see(event: Timed<Seen>): void {
    // The next life of the broker counts by a clock that may have jumped.
    if (event.kind === 'broker') this.#held.clear()
    if (event.kind === 'reset') this.#seeReset(event)
    if (event.kind !== 'request' && event.kind !== 'answer') return
    const { exchange } = event
    const isRequest = event.kind === 'request'
    if (exchange.api.name === 'InitProducerId' && isRequest) this.#forgetHeld(exchange.request.transactionalId)
    else if (exchange.api.name === 'TxnOffsetCommit') {
      if (isRequest) this.#seePending(exchange)
      else this.#seeHeld(exchange, event.at)
    } else if (exchange.api.name === 'Produce' && isRequest) this.#seeProduce(exchange)
    else if (exchange.api.name === 'EndTxn' && !this.#liars.has(exchange.host)) this.#seeEnd(exchange, event)
    else if (exchange.api.name === 'OffsetCommit') {
      if (event.kind === 'request') this.#seeCommit(exchange)
      else this.#seeCommitted(exchange, event.at)
    } else if (exchange.api.name === 'OffsetFetch') {
      if (event.kind === 'request') this.#seeFetch(exchange)
      else this.#seeFetched(exchange, event.at)
    }
  }

  #seeCommit(exchange: Exchange): void {
    for (const { key, offset } of commitsOf(exchange)) {
      this.#registerOf(key).open.set(exchange, offset)
      for (const allowed of this.#allowed.values()) allowed.get(key)?.add(offset)
    }
  }

  /** It may come into effect as soon as it is asked for. That of one offset may come late; Resets knows what it overtakes. */
  #seeReset({ step, reset, at }: Timed<Extract<Seen, { kind: 'reset' }>>): void {
    for (const { topic, partition, offset } of reset.moves) {
      const key = `${reset.group} ${topic}-${partition}`
      const register = this.#registerOf(key)
      if (step !== 'asked') register.open.delete(reset)
      if (step === 'refused') continue
      if (step === 'asked') register.open.set(reset, offset)
      else register.lost.add(offset)
      if (step === 'done') this.#movedAt(register, offset, at)
      for (const allowed of this.#allowed.values()) allowed.get(key)?.add(offset)
    }
  }

  /** Members commit before it, and behind it: which of them came last is not known here. */
  #movedAt(register: Register, offset: number, at: number): void {
    if (register.acknowledged !== undefined) register.lost.add(register.acknowledged)
    register.acknowledged = offset
    register.acknowledgedAt = at
  }

  #seePending(exchange: Exchange): void {
    const { offsets } = this.#pendingOf(transactionOf(exchange.request), exchange.sentAt)
    for (const { key, offset } of commitsOf(exchange)) offsets.set(key, offset)
  }

  /** The first record opens a transaction. */
  #seeProduce({ request, sentAt }: Exchange): void {
    const records: Buffer | undefined = request.topicData[0]?.partitionData[0]?.records
    if (request.transactionalId === null || !records) return
    const producer = { producerId: batchProducerId(records), producerEpoch: batchProducerEpoch(records) }
    this.#pendingOf(transactionOf({ transactionalId: request.transactionalId, ...producer }), sentAt)
  }

  /** Stored, and neither committed nor aborted so far (invariant 34). */
  #seeHeld(exchange: Exchange, at: number): void {
    const codes = errorCodesOf(exchange)
    const { transactionalId } = exchange.request
    const { since: begunAt } = this.#pendingOf(transactionOf(exchange.request), exchange.sentAt)
    for (const { key } of commitsOf(exchange)) {
      if (codes.get(key) === 0) this.#held.set(key, { transactionalId, since: at, begunAt })
    }
  }

  #forgetHeld(transactionalId: string | null): void {
    for (const [key, held] of this.#held) if (held.transactionalId === transactionalId) this.#held.delete(key)
  }

  /** From the moment when a commit is asked for it may come into effect; with its answer it has, or waits for a marker. */
  #seeEnd(exchange: Exchange, { kind, at }: Timed<Seen>): void {
    this.#forgetHeld(exchange.request.transactionalId)
    const { committed } = exchange.request
    const pending = this.#pendingOf(transactionOf(exchange.request), at)
    pending.endAskedAt ??= at
    const isDone = kind === 'answer' && exchange.response.errorCode === 0
    for (const [key, offset] of committed ? pending.offsets : []) {
      const register = this.#registerOf(key)
      register.open.set(exchange, offset)
      for (const allowed of this.#allowed.values()) allowed.get(key)?.add(offset)
      if (isDone) this.#acknowledge(register, { exchange, offset, since: pending.endAskedAt, at })
    }
    if (isDone || !committed) this.#pending.delete(transactionOf(exchange.request))
  }

  /** The answer may be about what came into effect before something that was acknowledged meanwhile. */
  #acknowledge(register: Register, { exchange, offset, since, at }: Acknowledged): void {
    register.open.delete(exchange)
    if (register.acknowledgedAt > since) {
      register.lost.add(offset)
      return
    }
    register.acknowledged = offset
    register.acknowledgedAt = at
    register.acknowledgedBy = exchange.broker
  }

  #seeCommitted(exchange: Exchange, at: number): void {
    const codes = errorCodesOf(exchange)
    for (const { key, offset } of commitsOf(exchange)) {
      const register = this.#registerOf(key)
      register.open.delete(exchange)
      const code = codes.get(key) ?? 0
      // One broker answers in the order in which it stores; one that was held answers late what it stored before others did.
      const since = register.acknowledgedBy === exchange.broker ? at : exchange.sentAt
      if (code === 0) this.#acknowledge(register, { exchange, offset, since, at })
      else if (isUndecided(code)) register.lost.add(offset)
    }
  }

  #seeFetch(exchange: Exchange): void {
    const allowed = new Map<string, Set<number>>()
    for (const [key, register] of this.#registers) allowed.set(key, valuesOf(register))
    this.#allowed.set(exchange, allowed)
  }

  #seeFetched(exchange: Exchange, at: number): void {
    const before = this.#allowed.get(exchange)
    this.#allowed.delete(exchange)
    for (const { key, topic, offset, errorCode } of fetchedOf(exchange)) {
      if (errorCode !== 0 || this.#remade.has(topic)) continue
      const held = this.#held.get(key)
      if (held && this.#isSurelyOpen(held, exchange, at) && exchange.request.requireStable)
        this.#report('34', `${key} is ${offset}, though ${held.transactionalId} has it pending`)
      const register = this.#registers.get(key)
      const allowed = new Set([...(register ? valuesOf(register) : [-1]), ...(before?.get(key) ?? [-1])])
      if (allowed.has(offset) || (offset === -1 && this.#mayExpire && !key.startsWith('ledger '))) continue
      this.#report('17', `the committed offset of ${key} is ${offset}, it can only be ${[...allowed].join(' or ')}`)
    }
  }

  /** What lasts longer than it may could have been aborted. */
  #isSurelyOpen({ transactionalId, since, begunAt }: HeldOffset, { sentAt }: Exchange, answeredAt: number): boolean {
    return sentAt > since && answeredAt < begunAt + (this.#timeouts.get(transactionalId) ?? 0)
  }

  #registerOf(key: string): Register {
    const known = this.#registers.get(key)
    if (known) return known
    const register = {
      acknowledged: undefined,
      acknowledgedAt: -1,
      acknowledgedBy: '',
      open: new Map(),
      lost: new Set<number>(),
    }
    this.#registers.set(key, register)
    return register
  }

  #pendingOf(transaction: string, at: number): PendingOffsets {
    const known = this.#pending.get(transaction)
    if (known) return known
    const pending = { offsets: new Map<string, number>(), since: at, endAskedAt: undefined }
    this.#pending.set(transaction, pending)
    return pending
  }
}

interface Fetched {
  readonly key: string
  readonly topic: string
  readonly offset: number
  readonly errorCode: number
}

interface Acknowledged {
  readonly exchange: Exchange
  readonly offset: number
  /** When it may have come into effect first. */
  readonly since: number
  readonly at: number
}

function valuesOf({ acknowledged, open, lost }: Register): Set<number> {
  return new Set([acknowledged ?? -1, ...open.values(), ...lost])
}

function transactionOf(asked: { transactionalId: string; producerId: number; producerEpoch: number }): string {
  return `${asked.transactionalId} ${asked.producerId} ${asked.producerEpoch}`
}

function* commitsOf({ request }: Exchange): Generator<{ key: string; offset: number }> {
  for (const { name, partitions } of request.topics) {
    for (const { partitionIndex, committedOffset } of partitions) {
      yield { key: `${request.groupId} ${name}-${partitionIndex}`, offset: committedOffset }
    }
  }
}

function errorCodesOf({ request, response }: Exchange): Map<string, number> {
  const codes = new Map<string, number>()
  for (const { name, partitions } of response.topics) {
    for (const { partitionIndex, errorCode } of partitions)
      codes.set(`${request.groupId} ${name}-${partitionIndex}`, errorCode)
  }
  return codes
}

function* fetchedOf({ request, response }: Exchange): Generator<Fetched> {
  const groups = response.groups?.length ? response.groups : [{ ...response, groupId: request.groupId }]
  for (const { groupId, topics, errorCode: groupError } of groups) {
    for (const { name, partitions } of topics ?? []) {
      for (const { partitionIndex, committedOffset, errorCode } of partitions) {
        yield {
          key: `${groupId} ${name}-${partitionIndex}`,
          topic: name,
          offset: committedOffset,
          errorCode: groupError || errorCode,
        }
      }
    }
  }
}
