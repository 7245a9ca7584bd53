import type { PartitionKey } from './storage.js'

/** This broker does not lead the partition in this epoch any more: another one does, or it is deleted. */
export class TermOverError extends Error {
  override readonly name = 'TermOverError'

  constructor({ topic, partition }: PartitionKey, epoch: number) {
    super(`${topic}-${partition} is not led here in epoch ${epoch} any more.`)
  }
}
