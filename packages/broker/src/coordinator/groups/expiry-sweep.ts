import { expireOffsets } from '@rivven/groups'
import type { Clock, Timer } from '@rivven/runtime'
import type { GroupHost, GroupHosts } from './group-rules.js'

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
    this.#timer = this.#clock.setTimer(this.#everyMs, () => this.#sweepNext(this.#hosts.all()[Symbol.iterator]()))
  }

  stop(): void {
    this.#isStopped = true
    this.#timer?.cancel()
  }

  #sweepNext(hosts: Iterator<GroupHost>): void {
    const { value: host } = hosts.next()
    if (!host) {
      if (!this.#isStopped) this.start()
      return
    }
    host.act(expireOffsets)
    this.#timer = this.#clock.setTimer(0, () => this.#sweepNext(hosts))
  }
}
