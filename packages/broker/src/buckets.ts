/** A histogram: how many values were at most each bound. */
export class Buckets {
  readonly bounds: readonly number[]
  /** Values above the bound before and at most this one; the last is for all above every bound. */
  readonly counts: number[]
  count = 0
  sum = 0

  /** `bounds` ascend. */
  constructor(bounds: readonly number[]) {
    this.bounds = bounds
    this.counts = new Array<number>(bounds.length + 1).fill(0)
  }

  add(value: number): void {
    let at = 0
    while (at < this.bounds.length && value > this.bounds[at]!) at++
    this.counts[at]! += 1
    this.count += 1
    this.sum += value
  }
}
