import type { Exchange, Seen, Timed } from '../../history/history.js'
import type { OffsetMove, Reset } from '../../history/resets.js'
import type { Check, Report } from '../check.js'

/** What a partition of a group is at since a reset, as far as members and operators have asked for other offsets since. */
interface Moved {
  readonly reset: Reset
  readonly generation: number
  readonly doneAt: number
  readonly allowed: Set<number>
}

interface Commit {
  readonly generation: number
  readonly offset: number
}

/** One partition of one group. */
interface Place {
  moved: Moved | undefined
  /** Commits that were asked for, with the generation that each names. */
  readonly commits: Commit[]
  /** Targets of resets that may still come. */
  readonly wanted: Map<Reset, number>
  /** Targets of those that are done, or were refused. */
  readonly earlier: Set<number>
}

/**
 * Invariant 41: after a reset reading goes on at its target: a commit of an older generation counts no more, be it late or after a
 * crash; all of its offsets are moved or none; and each leaves a snapshot.
 */
export class Resets implements Check {
  readonly #report: Report
  readonly #places = new Map<string, Place>()
  /** Of those whose outcome nobody knows: they are told to have counted by somebody who read their target. */
  readonly #seen = new Map<Reset, string>()
  /** As they were asked for: an operator waits for the end of one. */
  readonly #order: Reset[] = []
  readonly #lost = new Set<Reset>()
  readonly #done = new Set<Reset>()
  readonly #refused = new Set<Reset>()
  #kept: ReadonlyMap<string, number> = new Map()
  #isListed = false

  constructor(report: Report) {
    this.#report = report
  }

  see(event: Timed<Seen>): void {
    switch (event.kind) {
      case 'reset':
        if (event.step === 'asked') this.#ask(event.reset)
        else if (event.step === 'done') this.#finish(event.reset, event.generation ?? 0, event.at)
        else if (event.step === 'refused') this.#refuse(event.reset)
        else this.#lost.add(event.reset)
        return
      case 'snapshots':
        this.#kept = event.kept
        for (const reset of [...this.#lost]) {
          const generation = event.kept.get(reset.id)
          if (generation !== undefined) this.#finish(reset, generation, event.at)
        }
        return
      case 'resets listed':
        this.#isListed = true
        return
      case 'request':
        if (event.exchange.api.name === 'OffsetCommit') this.#seeCommit(event.exchange)
        return
      case 'answer':
        if (event.exchange.api.name === 'OffsetFetch') this.#seeFetched(event.exchange)
    }
  }

  end(): void {
    if (!this.#isListed) return
    for (const { id } of this.#done) if (!this.#kept.has(id)) this.#report('41', `there is no snapshot of reset ${id}`)
    for (const { id } of this.#refused)
      if (this.#kept.has(id)) this.#report('41', `reset ${id} was refused, and there is a snapshot of it`)
    for (const [{ id }, where] of this.#seen)
      if (!this.#kept.has(id)) this.#report('41', `reset ${id} counts in ${where}, and there is no snapshot of it`)
  }

  #ask(reset: Reset): void {
    this.#order.push(reset)
    for (const [place, { offset }] of this.#placesOf(reset)) {
      place.moved?.allowed.add(offset)
      place.wanted.set(reset, offset)
    }
  }

  /** Commits that it has overtaken count no more. */
  #finish(reset: Reset, generation: number, doneAt: number): void {
    this.#done.add(reset)
    this.#lost.delete(reset)
    this.#seen.delete(reset)
    for (const [place, { offset }] of this.#placesOf(reset)) {
      place.wanted.delete(reset)
      place.earlier.add(offset)
      if (place.moved && this.#isBefore(reset, generation, place.moved)) continue
      const later = place.commits.filter((commit) => isOf(generation, commit.generation))
      place.moved = {
        reset,
        generation,
        doneAt,
        allowed: new Set([offset, ...offsetsOf(later), ...place.wanted.values()]),
      }
    }
  }

  /** Of one whose outcome was not known it is told late that it counts; another one may have come since. */
  #isBefore(reset: Reset, generation: number, moved: Moved): boolean {
    if (moved.generation !== generation) return moved.generation > generation
    return this.#order.indexOf(moved.reset) > this.#order.indexOf(reset)
  }

  #refuse(reset: Reset): void {
    this.#refused.add(reset)
    for (const [place] of this.#placesOf(reset)) place.wanted.delete(reset)
  }

  #seeCommit({ request }: Exchange): void {
    const { groupId, generationIdOrMemberEpoch: generation } = request
    for (const { name, partitions } of request.topics) {
      for (const { partitionIndex, committedOffset: offset } of partitions) {
        const place = this.#placeOf(keyOf(groupId, name, partitionIndex))
        place.commits.push({ generation, offset })
        if (place.moved && isOf(place.moved.generation, generation)) place.moved.allowed.add(offset)
      }
    }
  }

  #seeFetched({ request, response, sentAt }: Exchange): void {
    const groups = response.groups?.length ? response.groups : [{ ...response, groupId: request.groupId }]
    for (const { groupId, topics, errorCode: groupError } of groups) {
      for (const { name, partitions } of topics ?? []) {
        for (const { partitionIndex, committedOffset, errorCode } of partitions) {
          if (groupError || errorCode) continue
          const key = keyOf(groupId, name, partitionIndex)
          this.#judge(key, committedOffset, sentAt)
        }
      }
    }
  }

  #judge(key: string, offset: number, sentAt: number): void {
    const place = this.#placeOf(key)
    this.#noteEvidence(key, place, offset)
    const { moved } = place
    if (!moved || sentAt <= moved.doneAt || moved.allowed.has(offset)) return
    const allowed = [...moved.allowed].join(' or ')
    this.#report('41', `${key} is committed at ${offset} after reset ${moved.reset.id}, it can only be ${allowed}`)
  }

  /** An offset that nobody has asked for but a reset. */
  #noteEvidence(key: string, place: Place, offset: number): void {
    const asking = [...place.wanted].filter(([, target]) => target === offset)
    const [only] = asking
    if (!only || asking.length > 1 || !this.#lost.has(only[0])) return
    const isOfOthers = offset === -1 || offsetsOf(place.commits).includes(offset) || place.earlier.has(offset)
    if (!isOfOthers) this.#seen.set(only[0], key)
  }

  *#placesOf({ group, moves }: Reset): Iterable<readonly [Place, OffsetMove]> {
    for (const move of moves) yield [this.#placeOf(keyOf(group, move.topic, move.partition)), move]
  }

  #placeOf(key: string): Place {
    const known = this.#places.get(key)
    if (known) return known
    const place: Place = { moved: undefined, commits: [], wanted: new Map(), earlier: new Set() }
    this.#places.set(key, place)
    return place
  }
}

function keyOf(group: string, topic: string, partition: number): string {
  return `${group} ${topic}-${partition}`
}

/** Whether a commit may count that names this generation; one of nobody's is an administrator's. */
function isOf(since: number, generation: number): boolean {
  return generation < 0 || generation >= since
}

function offsetsOf(commits: readonly Commit[]): number[] {
  return commits.map(({ offset }) => offset)
}
