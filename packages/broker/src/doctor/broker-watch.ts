import type { DiskFact, LoopFact } from '@rivven/doctor'
import type { Group } from '@rivven/groups'
import type { DiskSpace, Runtime } from '@rivven/runtime'
import { Breath } from '../breath.js'
import type { Catalog } from '../catalog/catalog.js'
import type { GroupHistories } from '../coordinator/history/group-histories.js'
import type { Logs } from '../log/logs.js'
import { CommitWatch } from './commit-watch.js'
import { LoopWatch } from './loop-watch.js'

export interface BrokerWatchOptions {
  readonly runtime: Pick<Runtime, 'clock' | 'loopMeter'>
  readonly histories: GroupHistories
  readonly catalog: Pick<Catalog, 'topics'>
  readonly logs: Pick<Logs, 'opened'>
  groups(): Iterable<Group>
  space(): Promise<DiskSpace | undefined>
}

const mostShare = 0.99

/** Watches how this broker itself does: what one look does not show. */
export class BrokerWatch {
  readonly commits: CommitWatch
  readonly #options: BrokerWatchOptions
  readonly #loop: LoopWatch | undefined

  constructor(options: BrokerWatchOptions) {
    const { clock, loopMeter } = options.runtime
    this.#options = options
    this.commits = new CommitWatch({ ...options, clock })
    this.#loop = loopMeter && new LoopWatch(clock, loopMeter())
  }

  /** To be called every ten seconds. */
  sample(): void {
    this.#loop?.sample()
    this.commits.sample()
  }

  /** Undefined: it has no event loop to itself. */
  loop(): LoopFact | undefined {
    return this.#loop?.fact()
  }

  async disk(): Promise<DiskFact> {
    const { runtime, histories, space } = this.#options
    const room = await space()
    const seconds = histories.commitSeconds.quantile(mostShare, runtime.clock.monotonic())
    return {
      unwritable: await this.#unwritable(),
      freeBytes: room?.free ?? null,
      totalBytes: room?.total ?? null,
      // JSON has no Infinity: beyond the last bound of a second.
      commitP99Ms: seconds === null ? null : Math.min(seconds, 10) * 1_000,
    }
  }

  close(): void {
    this.#loop?.close()
  }

  async #unwritable(): Promise<number> {
    const { runtime, catalog, logs } = this.#options
    const breath = new Breath(runtime.clock)
    let count = 0
    for (const { name, partitionCount } of catalog.topics()) {
      for (let partition = 0; partition < partitionCount; partition++) {
        if (logs.opened(name, partition)?.isWritable === false) count += 1
        if (breath.isDue) await breath.take()
      }
    }
    return count
  }
}
