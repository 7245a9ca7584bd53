import type { Incarnation } from '../../src/database/database.js'
import type { Move } from '../../src/database/members.js'
import { LEASE_MS } from './implementations.js'

interface Life {
  incarnation: number
  leaseUntil: number
  isGone: boolean
}

interface Place {
  leader: number | null
  incarnation: number
  epoch: number
  /** In order; each is a segment of its own. */
  readonly batches: { readonly text: string; isRemoved: boolean }[]
  checkpoint: string | undefined
}

/** A batch of one partition, as somebody sent it once. */
export interface SentBatch {
  readonly at: number
  readonly epoch: number
  readonly offset: number
  readonly text: string
}

/** What all calls of a program must answer, told in the fewest words. Partitions are known by their places, from 0 on. */
export class Oracle {
  now = 0
  version = 1
  readonly lives = new Map<number, Life>()
  readonly places: Place[] = []

  register(id: number) {
    const incarnation = (this.lives.get(id)?.incarnation ?? 0) + 1
    this.lives.set(id, { incarnation, leaseUntil: this.now + LEASE_MS, isGone: false })
    this.version++
    const led = [...this.places.keys()].filter((at) => this.places[at]!.leader === id)
    for (const at of led) this.lead(at, id)
    return { incarnation, version: this.version, led: led.map((at) => this.leadership(at)) }
  }

  renew(me: Incarnation) {
    if (!this.isHere(me)) return 'replaced'
    this.lives.get(me.brokerId)!.leaseUntil = this.now + LEASE_MS
    const late = [...this.lives].filter(([, life]) => !life.isGone && life.leaseUntil < this.now)
    return { version: this.version, late: late.map(([id, { incarnation }]) => `${id}.${incarnation}`).sort() }
  }

  retire(me: Incarnation) {
    const isDone = this.isHere(me)
    if (isDone) this.end(me)
    return { isDone, version: this.version }
  }

  /** Epochs of moves are by place, as `partId`. */
  assign(me: Incarnation | undefined, moves: readonly Move[], isVersionTaken = false) {
    const made = moves.filter(({ partId: at, epoch, target }) => {
      const { leader, incarnation, epoch: now } = this.places[at]!
      const to = this.lives.get(target)
      const isMine = leader === me?.brokerId && incarnation === me?.incarnation
      const isFree = isMine || leader === null || !this.leads({ brokerId: leader, incarnation })
      return epoch === now && isFree && to !== undefined && !to.isGone && to.leaseUntil > this.now
    })
    if (made.length > 0 && !isVersionTaken) this.version++
    for (const { partId: at, target } of made) this.lead(at, target)
    return { version: this.version, moved: made.map(({ partId: at }) => this.leadership(at)) }
  }

  bury(dead: Incarnation, sawItsEnd: boolean, moves: readonly Move[]) {
    const isBuried = this.isHere(dead) && (sawItsEnd || this.lives.get(dead.brokerId)!.leaseUntil < this.now)
    if (isBuried) this.end(dead)
    return { isBuried, ...this.assign(undefined, moves, isBuried) }
  }

  append(sent: readonly SentBatch[]): string {
    const standing = sent.filter(({ at, epoch }) => this.places[at]!.epoch === epoch)
    if (standing.some((batch) => this.isThere(batch))) return 'repeated'
    for (const { at, text } of standing) this.places[at]!.batches.push({ text, isRemoved: false })
    return String(standing.map(({ at }) => at))
  }

  stored(sent: readonly SentBatch[]): string {
    return String(
      sent.filter((batch) => this.places[batch.at]!.epoch === batch.epoch && this.isThere(batch)).map(({ at }) => at),
    )
  }

  checkpoint(at: number, epoch: number, text: string): boolean {
    const place = this.places[at]!
    if (place.epoch === epoch) place.checkpoint = text
    return place.epoch === epoch
  }

  /** Takes the oldest batch away that is there. */
  removeFirst(at: number, epoch: number): boolean {
    const place = this.places[at]!
    const first = place.batches.find(({ isRemoved }) => !isRemoved)
    if (place.epoch === epoch && first !== undefined) first.isRemoved = true
    return place.epoch === epoch
  }

  load(at: number, epoch: number) {
    const { epoch: now, checkpoint, batches } = this.places[at]!
    if (epoch !== now) return undefined
    return { checkpoint, batches: batches.filter(({ isRemoved }) => !isRemoved).map(({ text }) => text) }
  }

  leadership(at: number): string {
    const { leader, incarnation, epoch } = this.places[at]!
    return `${at} by ${leader}.${incarnation} in ${epoch}`
  }

  private isThere({ at, offset }: SentBatch): boolean {
    return this.places[at]!.batches.length > offset
  }

  private isHere({ brokerId, incarnation }: Incarnation): boolean {
    const life = this.lives.get(brokerId)
    return life?.incarnation === incarnation && !life.isGone
  }

  private leads(who: Incarnation): boolean {
    return this.isHere(who) && this.lives.get(who.brokerId)!.leaseUntil >= this.now
  }

  private end({ brokerId }: Incarnation): void {
    this.lives.get(brokerId)!.isGone = true
    this.version++
  }

  private lead(at: number, id: number): void {
    const place = this.places[at]!
    place.leader = id
    place.incarnation = this.lives.get(id)!.incarnation
    place.epoch++
  }
}
