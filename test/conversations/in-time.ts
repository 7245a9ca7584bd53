import { setTimeout as pause } from 'node:timers/promises'
import type { Conversation } from './conversation.js'

/** More tries of what waits on purpose; a wrong answer fails in all of them. */
const FURTHER_TRIES = 5
/** A process that is as late as this with a timer is kept waiting; Kafka's shortest recorded wait leaves some 200 ms. */
const LATE_MS = 30
const CALM_TIMERS = 20
const LONGEST_WAIT_MS = 60_000

/** Further tries come one at a time: beside many others they would meet what the first has met. */
let lane: Promise<unknown> = Promise.resolve()

/**
 * Plays a conversation that waits on purpose again when it fails: a busy machine can let a short session end too soon. One
 * that does not wait has one try.
 */
export async function inTime(conversation: Conversation, play: () => Promise<void>): Promise<void> {
  if (!isTimed(conversation)) return play()
  try {
    await play()
  } catch {
    const further = lane.then(() => playCalmly(play))
    lane = further.catch(() => undefined)
    await further
  }
}

function isTimed({ steps }: Conversation): boolean {
  return steps.some(({ wait, after, within }) => wait !== undefined || after !== undefined || within !== undefined)
}

async function playCalmly(play: () => Promise<void>): Promise<void> {
  for (let tries = FURTHER_TRIES; ; tries--) {
    await calm()
    try {
      return await play()
    } catch (error) {
      if (tries === 1) throw error
    }
  }
}

/** Resolves when this process has got its timers in time for a second, or will not within a minute. */
async function calm(): Promise<void> {
  const end = performance.now() + LONGEST_WAIT_MS
  for (let punctual = 0; punctual < CALM_TIMERS && performance.now() < end; ) {
    const due = performance.now() + 50
    await pause(50)
    punctual = performance.now() - due < LATE_MS ? punctual + 1 : 0
  }
}
