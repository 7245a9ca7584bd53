import { setTimeout as pause } from 'node:timers/promises'
import type { Conversation, Json } from './conversation.js'

/** More tries of what waits on purpose; a wrong answer fails in all of them. */
const FURTHER_TRIES = 5
/** A process that is as late as this with a timer is kept waiting; Kafka's shortest recorded wait leaves some 200 ms. */
const LATE_MS = 30
const SHORT_MS = 5_000
const CALM_TIMERS = 20
const LONGEST_WAIT_MS = 60_000

/** Further tries come one at a time: beside many others they would meet what the first has met. */
let lane: Promise<unknown> = Promise.resolve()

/**
 * Plays a conversation that waits on purpose, in which somebody has little time, or whose broker does something every moment, again
 * when it fails: a busy machine can let a short session end too soon. Any other has one try.
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

function isTimed({ broker = {}, steps }: Conversation): boolean {
  const actsByItself = Object.entries(broker).some(([key, value]) => key.endsWith('.ms') && Number(value) < SHORT_MS)
  if (actsByItself) return true
  return steps.some(({ wait, after, within, request }) => {
    return wait !== undefined || after !== undefined || within !== undefined || hasShortTime(request)
  })
}

/** A session or a rebalance that ends within seconds. */
function hasShortTime(request: Json | undefined): boolean {
  const { sessionTimeoutMs, rebalanceTimeoutMs } = { ...(request as object | undefined) } as Record<string, Json>
  return [sessionTimeoutMs, rebalanceTimeoutMs].some((ms) => typeof ms === 'number' && ms > 0 && ms < SHORT_MS)
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
