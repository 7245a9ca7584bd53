import { threadId } from 'node:worker_threads'
import type { RunningTask, Runtime } from '../../src/runtime.js'

export type Order = 'count' | 'thread' | 'throw later'

/** Counts from `input` on; tells on which thread it does. */
export function run(input: number, tell: (message: unknown) => void, { clock }: Runtime): RunningTask<Order> {
  let count = input
  return {
    received(order) {
      if (order === 'count') tell(++count)
      else if (order === 'thread') tell({ threadId, monotonic: clock.monotonic() })
      else
        clock.setTimer(0, () => {
          throw new Error('a bug')
        })
    },
    stop: () => tell('stopped'),
  }
}
