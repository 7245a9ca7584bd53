import type { Exchange, Seen, Timed } from '../history/history.js'
import type { Check, Report } from './check.js'

/** What may be committed for one partition of one group. */
interface Register {
  /** The newest commit that was acknowledged; undefined: none. */
  acknowledged: number | undefined
  /** Commits that were sent and whose fate is not known: each of them may come into effect late. */
  readonly open: Map<Exchange, number>
  /** Never answered, or with an error that leaves it open: as above, for ever. */
  readonly lost: Set<number>
}

/**
 * Invariants 17, 18 and 21: who asks for a committed offset gets the last acknowledged one, or one that was sent and never
 * answered; it never goes back or becomes nothing by itself.
 */
export class CommittedOffsets implements Check {
  readonly #report: Report
  readonly #registers = new Map<string, Register>()
  /** Offsets that go with a transaction, by its id and epoch: what an earlier epoch left is aborted. */
  readonly #pending = new Map<string, Map<string, number>>()
  /** Offsets of transactions that are open, by partition. */
  readonly #held = new Map<string, { transactionalId: string; since: number }>()
  /** What could be the answer at any time since a fetch was sent. */
  readonly #allowed = new Map<Exchange, Map<string, Set<number>>>()

  constructor(report: Report) {
    this.#report = report
  }

  see(event: Timed<Seen>): void {
    if (event.kind !== 'request' && event.kind !== 'answer') return
    const { exchange } = event
    const isRequest = event.kind === 'request'
    if (exchange.api.name === 'InitProducerId' && isRequest) this.#forgetHeld(exchange.request.transactionalId)
    else if (exchange.api.name === 'TxnOffsetCommit') {
      if (isRequest) this.#seePending(exchange)
      else this.#seeHeld(exchange, event.at)
    } else if (exchange.api.name === 'EndTxn') this.#seeEnd(exchange, isRequest)
    else if (exchange.api.name === 'OffsetCommit') {
      if (event.kind === 'request') this.#seeCommit(exchange)
      else this.#seeCommitted(exchange)
    } else if (exchange.api.name === 'OffsetFetch') {
      if (event.kind === 'request') this.#seeFetch(exchange)
      else this.#seeFetched(exchange)
    }
  }

  #seeCommit(exchange: Exchange): void {
    for (const { key, offset } of commitsOf(exchange)) {
      this.#registerOf(key).open.set(exchange, offset)
      for (const allowed of this.#allowed.values()) allowed.get(key)?.add(offset)
    }
  }

  #seePending(exchange: Exchange): void {
    const transaction = transactionOf(exchange)
    const pending = this.#pending.get(transaction) ?? new Map<string, number>()
    this.#pending.set(transaction, pending)
    for (const { key, offset } of commitsOf(exchange)) pending.set(key, offset)
  }

  /** Stored, and neither committed nor aborted so far (invariant 34). */
  #seeHeld(exchange: Exchange, at: number): void {
    const codes = errorCodesOf(exchange)
    for (const { key } of commitsOf(exchange)) {
      if (codes.get(key) === 0) this.#held.set(key, { transactionalId: exchange.request.transactionalId, since: at })
    }
  }

  #forgetHeld(transactionalId: string | null): void {
    for (const [key, held] of this.#held) if (held.transactionalId === transactionalId) this.#held.delete(key)
  }

  /** From the moment when a commit is asked for it may come into effect; with its answer it has, or waits for a marker. */
  #seeEnd(exchange: Exchange, isRequest: boolean): void {
    this.#forgetHeld(exchange.request.transactionalId)
    const { committed } = exchange.request
    const transaction = transactionOf(exchange)
    const pending = this.#pending.get(transaction) ?? new Map<string, number>()
    const isDone = !isRequest && exchange.response.errorCode === 0
    for (const [key, offset] of committed ? pending : []) {
      const register = this.#registerOf(key)
      register.open.set(exchange, offset)
      for (const allowed of this.#allowed.values()) allowed.get(key)?.add(offset)
      if (!isDone) continue
      register.open.delete(exchange)
      register.acknowledged = offset
    }
    if (isDone || !committed) this.#pending.delete(transaction)
  }

  #seeCommitted(exchange: Exchange): void {
    const codes = errorCodesOf(exchange)
    for (const { key, offset } of commitsOf(exchange)) {
      const register = this.#registerOf(key)
      register.open.delete(exchange)
      const code = codes.get(key) ?? 0
      if (code === 0) register.acknowledged = offset
      else if (isUndecided(code)) register.lost.add(offset)
    }
  }

  #seeFetch(exchange: Exchange): void {
    const allowed = new Map<string, Set<number>>()
    for (const [key, register] of this.#registers) allowed.set(key, valuesOf(register))
    this.#allowed.set(exchange, allowed)
  }

  #seeFetched(exchange: Exchange): void {
    const before = this.#allowed.get(exchange)
    this.#allowed.delete(exchange)
    for (const { key, offset, errorCode } of fetchedOf(exchange)) {
      if (errorCode !== 0) continue
      const held = this.#held.get(key)
      // A transaction that lasts longer may have timed out.
      const isSurelyOpen = held !== undefined && exchange.sentAt > held.since && exchange.sentAt < held.since + 500
      if (isSurelyOpen && exchange.request.requireStable)
        this.#report('34', `${key} is ${offset}, though ${held.transactionalId} has it pending`)
      const register = this.#registers.get(key)
      const allowed = new Set([...(register ? valuesOf(register) : [-1]), ...(before?.get(key) ?? [-1])])
      if (allowed.has(offset)) continue
      this.#report('17', `the committed offset of ${key} is ${offset}, it can only be ${[...allowed].join(' or ')}`)
    }
  }

  #registerOf(key: string): Register {
    const register = this.#registers.get(key) ?? { acknowledged: undefined, open: new Map(), lost: new Set() }
    this.#registers.set(key, register)
    return register
  }
}

/** Errors of the storage, or of a coordinator that ended meanwhile: the commit may be stored nevertheless. */
function isUndecided(errorCode: number): boolean {
  return [7, 15, 16, 56, -1].includes(errorCode)
}

function valuesOf({ acknowledged, open, lost }: Register): Set<number> {
  return new Set([acknowledged ?? -1, ...open.values(), ...lost])
}

function transactionOf({ request }: Exchange): string {
  return `${request.transactionalId} ${request.producerId} ${request.producerEpoch}`
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

function* fetchedOf({ request, response }: Exchange): Generator<{ key: string; offset: number; errorCode: number }> {
  const groups = response.groups?.length ? response.groups : [{ ...response, groupId: request.groupId }]
  for (const { groupId, topics, errorCode: groupError } of groups) {
    for (const { name, partitions } of topics ?? []) {
      for (const { partitionIndex, committedOffset, errorCode } of partitions) {
        yield {
          key: `${groupId} ${name}-${partitionIndex}`,
          offset: committedOffset,
          errorCode: groupError || errorCode,
        }
      }
    }
  }
}
