import type { Runtime } from '@rivven/runtime'
import type { History } from '../history/history.js'
import type { Life } from '../world/life.js'
import type { SeededRandom } from '../world/seeded-random.js'
import type { World } from '../world/world.js'
import type { Doors } from './doors.js'

/** What an actor finds around it. */
export interface Stage {
  readonly world: World
  readonly history: History
  /** How actors reach the broker. */
  readonly doors: Doors
  /** Faults and changes of mind come to an end here. */
  readonly activeUntil: number
  /** A client failed in a way that no application could expect: a bug. */
  readonly fail: (what: string, error: unknown) => void
}

/** A program on a machine of its own; it may have many lives. */
export interface Actor {
  readonly name: string
  start(): void
  /** What goes wrong with its machine from outside. */
  pause(durationMs: number): void
  /** Its process is killed; it may never come back. Only members of groups can be struck so. */
  kill?(comesBack: boolean): void
}

/** Runs a program in a process of its own; when the process ends, `over` is called after some time, for the next life. */
export interface Process {
  readonly life: Life
  readonly runtime: Runtime
  readonly random: SeededRandom
}

/** A process of an actor begins. What it throws is a bug. Returns its life. */
export function beginProcess(
  { name }: Actor,
  stage: Stage,
  random: SeededRandom,
  run: (process: Process) => Promise<void>,
): Life {
  const { life, runtime } = stage.world.begin(name)
  run({ life, runtime, random }).catch((error) => stage.fail(`${name} failed`, error))
  return life
}

/** Its process stands still for a while, if it is there. */
export function pauseLife({ name }: Actor, life: Life | undefined, durationMs: number): void {
  if (!life || life.isPaused) return
  life.pause()
  life.schedule.after(durationMs, `${name} wakes up`, () => life.resume())
}

/** Waits within one life; a dead one never comes back. */
export function sleep({ life }: Pick<Process, 'life'>, ms: number): Promise<void> {
  return new Promise((resolve) => life.after(ms, 'sleeps', resolve))
}
