import { setTimeout as pause } from 'node:timers/promises'
import { Admin } from '@rivven/client'
import type { GroupCheck } from '../check/group-check.js'
import { patience, quiet } from './patience.js'

/** Asks again and again what groups have committed, and tells their checks. */
export class CommitWatch {
  readonly #admin: Admin
  readonly #groups: ReadonlyMap<string, GroupCheck>
  readonly #done: Promise<unknown>
  #isOver = false

  constructor(bootstrapServers: string, groups: ReadonlyMap<string, GroupCheck>) {
    this.#groups = groups
    this.#admin = new Admin({ bootstrapServers, ...patience, ...quiet })
    this.#done = Promise.all([...groups.keys()].map((group) => this.#watch(group)))
  }

  async close(): Promise<void> {
    this.#isOver = true
    await this.#done
    await this.#admin.close()
  }

  async #watch(group: string): Promise<void> {
    while (!this.#isOver) {
      const committed = await this.#admin.listGroupOffsets(group).catch(() => [])
      for (const { partition, offset } of committed) this.#groups.get(group)!.committed(partition, offset)
      await pause(300)
    }
  }
}
