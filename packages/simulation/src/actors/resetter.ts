import { Admin, nameToPath, RivvenError } from '@rivven/client'
import type { OffsetMove, Reset } from '../history/resets.js'
import { foreignOffset, type ResetterPlan } from '../plan/plan.js'
import { SeededRandom } from '../world/seeded-random.js'
import { type Actor, beginProcess, type Process, type Stage, sleep } from './actor.js'

interface Snapshot {
  readonly id: number
  readonly reason: string
  readonly generation: number
  readonly changes: readonly { topic: string; partition: number; oldOffset: number | null; newOffset: number | null }[]
}

/** What says for sure that nothing was changed, and nothing will be by this request. */
const refusals = new Set([
  'GROUP_NOT_FOUND',
  'GROUP_NOT_EMPTY',
  'RESET_IN_PROGRESS',
  'COORDINATOR_NOT_AVAILABLE',
  'LOADING',
])

/** An operator who moves offsets of a group back while its members read, and takes that back again: never beyond what was read. */
export class Resetter implements Actor {
  readonly name: string
  readonly #plan: ResetterPlan
  readonly #stage: Stage
  readonly #random: SeededRandom
  #asked = 0

  constructor(plan: ResetterPlan, stage: Stage) {
    this.name = plan.name
    this.#plan = plan
    this.#stage = stage
    this.#random = new SeededRandom(plan.seed)
  }

  start(): void {
    beginProcess(this, this.#stage, this.#random, (process) => this.#run(process))
  }

  pause(): void {
    // Nobody waits for it.
  }

  async #run(process: Process): Promise<void> {
    const { bootstrapServers } = this.#stage.doors
    const admin = new Admin({ bootstrapServers, runtime: process.runtime, clientId: this.name, timeoutMs: 2_000 })
    const { world, activeUntil } = this.#stage
    while (world.schedule.now < activeUntil && this.#asked < this.#plan.most) {
      await sleep(process, this.#random.between(50, 800))
      await this.#try(() => this.#act(admin))
    }
    // What was on its way has come by then, or never will.
    await sleep(process, Math.max(0, activeUntil - world.schedule.now) + this.#plan.longestHandoverMs + 3_000)
    while (!(await this.#try(() => this.#list(admin)))) await sleep(process, 200)
    this.#stage.history.add({ kind: 'resets listed', group: this.#plan.group })
    await admin.close()
  }

  async #act(admin: Admin): Promise<void> {
    const [newest] = this.#random.chance(0.3) ? await this.#list(admin) : []
    const back = newest ? movesBack(newest) : []
    if (newest && back.every(isWithin)) return this.#reset(admin, { to: 'snapshot', snapshot: newest.id }, back)
    const committed = await admin.listGroupOffsets(this.#plan.group)
    const moves = committed
      .filter((place) => place.topic === this.#plan.topic && place.offset >= 0 && isWithin(place))
      .map(({ topic, partition, offset }) => ({ topic, partition, offset: this.#random.below(offset + 1) }))
    if (moves.length > 0) await this.#reset(admin, { to: 'offsets', offsets: moves }, moves)
  }

  async #reset(admin: Admin, body: Record<string, unknown>, moves: readonly OffsetMove[]): Promise<void> {
    const { group, longestHandoverMs } = this.#plan
    const reset: Reset = { id: `${this.name} ${++this.#asked}`, group, moves }
    const handoverMs = this.#random.chance(0.3) ? 0 : this.#random.below(longestHandoverMs)
    const asked = { ...body, live: this.#random.chance(0.9), handoverMs, reason: reset.id }
    const options = { body: asked, isSentOnce: true, timeoutMs: longestHandoverMs + 2_000 }
    this.#tell({ kind: 'reset', step: 'asked', reset })
    try {
      const answer = await admin.call('POST', this.#path('resets'), options)
      const { generation, snapshot } = answer as { generation: number; snapshot: number | null }
      this.#tell({ kind: 'reset', step: snapshot === null ? 'refused' : 'done', reset, generation })
    } catch (error) {
      if (!(error instanceof RivvenError)) throw error
      this.#tell({ kind: 'note', text: `${this.name}: ${error.message}` })
      this.#tell({ kind: 'reset', step: refusals.has(error.code) ? 'refused' : 'lost', reset })
    }
  }

  /** The newest first. */
  async #list(admin: Admin): Promise<readonly Snapshot[]> {
    const { items } = (await admin.call('GET', this.#path('snapshots'))) as { items: readonly Snapshot[] }
    const kept = new Map(items.map(({ reason, generation }) => [reason, generation]))
    this.#tell({ kind: 'snapshots', group: this.#plan.group, kept })
    return items.filter(({ reason }) => reason.startsWith(this.name))
  }

  async #try(act: () => Promise<unknown>): Promise<boolean> {
    try {
      await act()
      return true
    } catch (error) {
      if (!(error instanceof RivvenError)) throw error
      this.#tell({ kind: 'note', text: `${this.name}: ${error.message}` })
      return false
    }
  }

  #path(what: string): string {
    return `/api/groups/${nameToPath(this.#plan.group)}/${what}`
  }

  #tell(event: Parameters<Stage['history']['add']>[0]): void {
    this.#stage.history.add(event)
  }
}

/** What a liar has committed lies far behind the end, and would be kept within what there is. */
function isWithin({ offset }: OffsetMove): boolean {
  return offset < foreignOffset
}

function movesBack({ changes }: Snapshot): OffsetMove[] {
  return changes.map(({ topic, partition, oldOffset }) => ({ topic, partition, offset: oldOffset ?? -1 }))
}
