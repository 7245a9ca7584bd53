import { setTimeout as pause } from 'node:timers/promises'
import type { DatabaseSample } from './check/database-size.js'
import { type PauseRow, Pauses } from './check/pauses.js'
import { Violations } from './check/violations.js'
import type { Fault, PlannedFault } from './faults/plan.js'
import { Trouble } from './faults/troubled.js'
import { DatabaseWatch } from './work/database-watch.js'
import { Workload, type WorkloadSize } from './work/workload.js'
import type { World } from './world/world.js'

/** Where a plot makes trouble. */
export interface Scene {
  /** Begins a fault, if anything is there that is in no trouble yet. */
  begin(fault: Fault): void
  /** Resolves when everything is back, and records come into all partitions again. */
  over(): Promise<void>
}

export type Plot = (scene: Scene) => Promise<void>

export interface CampaignOptions {
  world: World
  size: WorkloadSize
  /** What happens when everything works; afterwards all is healed. */
  plot: Plot
  /** How long all may take to be as it should when everything is back. */
  patienceMs: number
  /** How often the sizes of the database's tables are taken; never, if it is not given or there is no database. */
  sizesEveryMs?: number
  /** Told of each fault. */
  say(text: string): void
}

export interface CampaignResult {
  violations: Violations
  pauses: readonly PauseRow[]
  acknowledged: number
  copied: number
  /** Retention was faster than the copiers. */
  removedUncopied: number
  /** Records that were given up; nobody was told that they are stored. */
  failures: number
  groups: readonly { name: string; rebalances: number }[]
  sizes: readonly DatabaseSample[]
}

/** Applications at work while brokers and what they store in are in trouble, and whether all was as it must be. */
export async function runCampaign(options: CampaignOptions): Promise<CampaignResult> {
  const { world, size, patienceMs, sizesEveryMs } = options
  const violations = new Violations()
  const pauses = new Pauses(size.partitions)
  const workload = await Workload.start(world.bootstrapServers, size, { violations, pauses })
  const watch = watchOf(world, sizesEveryMs)
  try {
    const generations = workload.groups.map(({ generation }) => generation)
    const scene = sceneOf(options, { workload, pauses })
    await options.plot(scene)
    await scene.over().catch((error: Error) => violations.add(`did not come back: ${error.message}`))
    await workload.settle(patienceMs)
    for (const { deaths } of world.brokers) for (const death of deaths) violations.add(death)
    const { orders, copy, failures } = workload
    const groups = workload.groups.map(({ name, generation }, at) => ({
      name,
      rebalances: generation - generations[at]!,
    }))
    const counts = {
      acknowledged: orders.acknowledgedCount,
      copied: copy.readCount,
      removedUncopied: copy.removedCount,
      failures,
    }
    const sizes = (await watch?.end()) ?? []
    return { violations, pauses: pauses.rows(), ...counts, groups, sizes }
  } finally {
    await watch?.end()
    await workload.close()
  }
}

function watchOf({ database }: World, everyMs: number | undefined): DatabaseWatch | undefined {
  return database === null || everyMs === undefined ? undefined : new DatabaseWatch(() => database.url, everyMs)
}

/** Faults by the clock, each whether or not the one before is over; resolves `forMs` after the beginning. */
export function byTheClock(faults: readonly PlannedFault[], forMs: number): Plot {
  return async (scene) => {
    const beganAt = performance.now()
    const until = (at: number) => pause(Math.max(0, beganAt + at - performance.now()))
    for (const fault of faults) {
      await until(fault.at)
      scene.begin(fault)
    }
    await until(forMs)
  }
}

/** Each fault when the one before is over, and records come into all partitions again. */
export function oneByOne(faults: readonly Fault[]): Plot {
  return async (scene) => {
    for (const fault of faults) {
      scene.begin(fault)
      await scene.over()
    }
  }
}

function sceneOf(
  { world, patienceMs, say }: CampaignOptions,
  { workload, pauses }: { workload: Workload; pauses: Pauses },
): Scene {
  const trouble = new Trouble({ ...world, copiers: workload.copiers })
  return {
    begin(fault) {
      const victim = trouble.begin(fault)
      if (victim === null) return
      pauses.fault(fault.kind, performance.now())
      say(`${fault.kind}: ${victim}; ${workload.orders.acknowledgedCount} records are acknowledged`)
    },
    async over() {
      await trouble.over()
      await workload.goesOn(patienceMs)
    },
  }
}
