// Hot path: one promise a produced batch.

import { OffsetWaiters } from '../offset-waiters.js'
import type { AppendResult } from '../partition-log.js'

interface Waiter {
  resolve: (result: AppendResult) => void
  result: AppendResult
}

/** Answers of one partition that wait until their batches are as safe as their producers asked. */
export class AppendAnswers {
  private readonly forWrite = new OffsetWaiters<Waiter>()
  private readonly forSync = new OffsetWaiters<Waiter>()

  /** The answer when everything before `offset` is on stable storage (acks -1) or in the operating system. */
  at(offset: number, acks: -1 | 0 | 1, result: AppendResult): Promise<AppendResult> {
    const waiting = acks === -1 ? this.forSync : this.forWrite
    return new Promise((resolve) => waiting.add(offset, { resolve, result }))
  }

  written(offset: number): void {
    answer(this.forWrite, offset)
  }

  durable(offset: number): void {
    answer(this.forSync, offset)
  }

  /** Nobody knows what became of those that still wait. */
  fail(result: AppendResult): void {
    answer(this.forWrite, Infinity, result)
    answer(this.forSync, Infinity, result)
  }
}

function answer(waiters: OffsetWaiters<Waiter>, offset: number, instead?: AppendResult): void {
  for (let waiter = waiters.take(offset); waiter; waiter = waiters.take(offset)) {
    waiter.resolve(instead ?? waiter.result)
  }
}
