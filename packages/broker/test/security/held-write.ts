import { nodeRuntime } from '@rivven/runtime'
import { memoryStorage } from '../../src/open-storage.js'
import type { OwnStorage } from '../../src/storage/own-storage.js'

/** A storage whose write of a document waits until the test refuses it. */
export function heldWrite(): { storage: OwnStorage; write: Promise<(error: Error) => void> } {
  const storage: OwnStorage = Object.create(memoryStorage(nodeRuntime()))
  const write = new Promise<(error: Error) => void>((resolve) => {
    storage.writeDocument = () => new Promise((_, reject) => resolve(reject))
  })
  return { storage, write }
}
