/** Stored batches that cannot be read: they are damaged or missing. Reading may go on at `toOffset`. */
export class StoredRangeError extends Error {
  override readonly name = 'StoredRangeError'
  readonly fromOffset: number
  readonly toOffset: number

  constructor(path: string, fromOffset: number, toOffset: number) {
    super(`Offsets ${fromOffset} to ${toOffset - 1} cannot be read: ${path} is damaged.`)
    this.fromOffset = fromOffset
    this.toOffset = toOffset
  }
}
