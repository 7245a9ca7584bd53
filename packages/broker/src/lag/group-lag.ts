import { blankTrack, type Group } from '@rivven/groups'
import type { Clock } from '@rivven/runtime'
import type { Readers } from '../fetch/readers.js'
import type { Waiting } from '../log/arrival/waiting.js'
import { isolationOf } from './how-read.js'
import type { LagElsewhere } from './lag-elsewhere.js'
import type { LagRow } from './lag-row.js'
import { LagRows } from './lag-rows.js'
import { LagSampler } from './lag-sampler.js'
import { lookedWaiting } from './looked-waiting.js'
import type { PlaceRead } from './questions.js'
import type { LagSources, Standing } from './standings.js'
import { type Isolation, knownWaiting } from './what-waits.js'

export interface GroupLagOptions extends LagSources {
  readonly clock: Clock
  readonly readers: Readers
  readonly elsewhere: LagElsewhere
  /** `lag_window_ms` */
  readonly windowMs: number
  groups(): Iterable<Group>
}

/** How far groups are behind: exactly of one (`rowsOf`), from memory of all (`secondsOf`), and how that goes on (`sampler`). */
export class GroupLag {
  readonly sampler: LagSampler
  readonly #rows: LagRows
  readonly #options: GroupLagOptions

  constructor(options: GroupLagOptions) {
    this.#options = options
    this.sampler = new LagSampler(options)
    this.#rows = new LagRows({ ...options, sampler: this.sampler })
  }

  /** Exactly, of one group; topics that are not `isShown` are left out. */
  async rowsOf(group: Group, isShown?: (topic: string) => boolean, { asksReads = false } = {}): Promise<LagRow[]> {
    await this.#options.elsewhere.learn([group], { asksReads })
    return this.#rows.of(group, isShown)
  }

  /** How a partition that another broker leads was read there, as of `rowsOf` that asked for it; null: nobody knows. */
  readElsewhere(group: Group, topic: string, partition: number): PlaceRead | null {
    return this.#options.elsewhere.of(group, topic, partition)?.read ?? null
  }

  /** Once for all groups. */
  async sample(): Promise<void> {
    const { elsewhere, groups } = this.#options
    await elsewhere.learn(groups())
    await this.sampler.pass()
  }

  /** Seconds, from memory alone. Null: nobody here knows, or the committed offset is beyond the end. */
  secondsOf(group: Group, standing: Standing): number | null {
    if (standing.lag < 0) return null
    const isolation = isolationOf(group.members.values(), standing, this.#options)
    const { topic, partition, log } = standing
    const elsewhere = log ? undefined : this.#options.elsewhere.of(group, topic, partition)
    const known = knownWaiting({ ...standing, elsewhere }, isolation)
    const waiting = known === undefined ? this.#lookedUp(group, standing, isolation) : known
    if (waiting === null) return null
    const now = this.#options.clock.now()
    return waiting.kind === 'nothing' ? 0 : Math.max(0, Math.round(now - waiting.arrival.at)) / 1_000
  }

  /** By what the last sample has seen, else by a guess. */
  #lookedUp(group: Group, standing: Standing, isolation: Isolation): Waiting | null {
    const track = this.sampler.trackOf(group, standing.topic, standing.partition) ?? blankTrack()
    const waiting = lookedWaiting(standing, track, { left: 0 }, isolation)
    return waiting instanceof Promise ? null : waiting
  }
}
