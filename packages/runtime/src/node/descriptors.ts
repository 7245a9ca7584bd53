import fs from 'node:fs'
import type { Descriptors } from '../descriptors.js'

/** It stays what it was at the start of the process. */
let limit: number | undefined

/** What Linux shows of this process; undefined elsewhere. */
export async function nodeDescriptors(): Promise<Descriptors | undefined> {
  try {
    limit ??= limitIn(await fs.promises.readFile('/proc/self/limits', 'utf8'))
    return { open: (await fs.promises.readdir('/proc/self/fd')).length, limit }
  } catch (error) {
    // There may be too few to look.
    const isOut = (error as NodeJS.ErrnoException).code === 'EMFILE'
    return isOut && limit !== undefined ? { open: limit, limit } : undefined
  }
}

function limitIn(limits: string): number {
  return Number(/^Max open files\s+(\d+)/m.exec(limits)?.[1] ?? Infinity)
}
