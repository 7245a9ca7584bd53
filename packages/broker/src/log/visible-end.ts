/**
 * Where readers stop: at the first batch that was promised to be durable (acks -1) and is not yet. Otherwise a power cut
 * could take back what somebody has read, and leave committed offsets behind the end of the log. What was promised to
 * nobody (acks 0 and 1) is shown as soon as it is written.
 */
export class VisibleEnd {
  /** Batches that are not durable, oldest first: where each begins and ends. */
  private readonly awaited: { readonly from: number; readonly to: number }[] = []
  private writtenOffset = 0

  /** The high watermark. */
  get offset(): number {
    const first = this.awaited[0]
    return first === undefined ? this.writtenOffset : Math.min(first.from, this.writtenOffset)
  }

  /** A batch from `from` up to `to` must be durable before it is shown. */
  await(from: number, to: number): void {
    this.awaited.push({ from, to })
  }

  written(offset: number): void {
    this.writtenOffset = offset
  }

  durable(offset: number): void {
    let count = 0
    while (count < this.awaited.length && this.awaited[count]!.to <= offset) count++
    if (count > 0) this.awaited.splice(0, count)
  }

  /** All that is stored up to here counts: the log was opened. */
  reset(offset: number): void {
    this.awaited.length = 0
    this.writtenOffset = offset
  }
}
