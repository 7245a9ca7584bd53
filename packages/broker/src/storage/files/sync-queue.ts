/** Group commits under way at once: 4 store twice as much as 1 with 8 connections (bench/micro/log.mjs). */
const PARALLEL = 4

/** Runs group commits of many partitions, some at a time, in the order they were asked for. */
export class SyncQueue {
  private readonly waiting: (() => Promise<void>)[] = []
  private running = 0

  /** `commit` never rejects. */
  add(commit: () => Promise<void>): void {
    this.waiting.push(commit)
    this.startNext()
  }

  private startNext(): void {
    if (this.running === PARALLEL) return
    const commit = this.waiting.shift()
    if (commit === undefined) return
    this.running++
    void commit().finally(() => {
      this.running--
      this.startNext()
    })
  }
}
