import type { Chance } from './chance.js'
import { type Change, changes } from './changes.js'

/** What has led somewhere is built upon, but only so much of it is kept. */
const MOST_KEPT = 200
const LONGEST_KEPT = 4096
const LONGEST = 64 * 1024

/** Makes inputs of valid ones: most with a few changes, some of nothing but chance, now and then a long one. */
export class Mutator {
  readonly #chance: Chance
  readonly #seeds: readonly Buffer[]
  readonly #words: readonly Buffer[]
  readonly #kept: Buffer[] = []

  constructor(chance: Chance, seeds: readonly Buffer[], words: readonly string[] = []) {
    this.#chance = chance
    this.#seeds = seeds.length > 0 ? seeds : [Buffer.alloc(0)]
    this.#words = words.map((word) => Buffer.from(word))
  }

  next(): Buffer {
    const chance = this.#chance
    if (chance.oneIn(64)) return noise(chance, chance.below(1 << (1 + chance.below(9))))
    let input: Buffer = Buffer.from(this.#base())
    const material = { chance, other: () => this.#base(), words: this.#words }
    for (let left = 1 + this.#steps(); left > 0; left--) input = this.#change()(input, material)
    if (chance.oneIn(2048)) input = repeated(input, chance)
    return input.length > LONGEST ? input.subarray(0, LONGEST) : input
  }

  /** This one was taken: what comes next may begin with it. */
  keep(input: Buffer): void {
    if (input.length > LONGEST_KEPT) return
    if (this.#kept.length < MOST_KEPT) this.#kept.push(input)
    else if (this.#chance.oneIn(8)) this.#kept[this.#chance.below(MOST_KEPT)] = input
  }

  #base(): Buffer {
    return this.#chance.pick(this.#kept.length > 0 && this.#chance.oneIn(2) ? this.#kept : this.#seeds)
  }

  /** None half of the time, one a quarter of it, and so on. */
  #steps(): number {
    return Math.clz32(this.#chance.next() | 0xff)
  }

  #change(): Change {
    return this.#chance.pick(changes)
  }
}

function noise(chance: Chance, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length)
  for (let at = 0; at < length; at++) bytes[at] = chance.next()
  return bytes
}

/** A piece of it again and again: what is quadratic shows. */
function repeated(input: Buffer, chance: Chance): Buffer {
  if (input.length === 0) return input
  const from = chance.below(input.length)
  const piece = input.subarray(from, from + 1 + chance.below(Math.min(64, input.length - from)))
  const times = Math.floor((1024 << chance.below(6)) / piece.length)
  const run = Buffer.alloc(times * piece.length, piece)
  return Buffer.concat([input.subarray(0, from), run, input.subarray(from)])
}
