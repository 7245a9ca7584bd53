import { expireOffsets } from '@rivven/groups'
import type { Clock, Timer } from '@rivven/runtime'
import type { GroupHosts } from './group-hosts.js'

/** KIP-211: what expired is looked for every offsets.retention.check.interval.ms, one shard after the other. */
export class ExpirySweep {
  readonly #hosts: GroupHosts
  readonly #clock: Clock
  readonly #everyMs: number
  #timer: Timer | undefined
  #isStopped = false

  constructor(hosts: GroupHosts, clock: Clock, everyMs: number) {
    this.#hosts = hosts
    this.#clock = clock
    this.#everyMs = everyMs
  }

  start(): void {
    this.#timer = this.#clock.setTimer(this.#everyMs, () => this.#sweepFrom(0))
  }

  stop(): void {
    this.#isStopped = true
    this.#timer?.cancel()
  }

  #sweepFrom(partition: number): void {
    const host = this.#hosts.opened?.[partition]
    if (!host) {
      if (!this.#isStopped) this.start()
      return
    }
    host.act(expireOffsets)
    this.#timer = this.#clock.setTimer(0, () => this.#sweepFrom(partition + 1))
  }
}
