import type { Inode } from './inode.js'
import type { SeededRandom } from './seeded-random.js'

export type DiskOperation =
  | 'open'
  | 'read'
  | 'write'
  | 'sync'
  | 'truncate'
  | 'create'
  | 'rename'
  | 'remove'
  | 'syncFolder'

/** A name that came or went, and is not safe yet. */
export interface NameChange {
  readonly name: string
  readonly inode: Inode | undefined
}

/** What the files of a machine are, across the lives of its processes. */
export class Platter {
  readonly names = new Map<string, Inode>()
  readonly folders = new Set<string>(['/'])
  readonly safeNames = new Map<string, Inode>()
  /** Each holds what happens at once or not at all: a file has one of its names in the midst of a rename. */
  unsafeNames: (readonly NameChange[])[] = []
  /** Bytes that may still be written before ENOSPC. */
  room = Number.POSITIVE_INFINITY
  /** Every operation takes so much longer. */
  slowMs = 0
  /** The next operations of these kinds fail with EIO. */
  readonly failing = new Set<DiskOperation>()
  /** Called when an operation is done: a process may be killed right there. */
  onOperation: ((operation: DiskOperation, path: string) => void) | undefined

  /** The machine loses power: what was not synced is there or not, in part or whole. */
  cutPower(random: SeededRandom): void {
    const keeps = () => random.chance(0.5)
    const left = new Map(this.safeNames)
    const kept = random.below(this.unsafeNames.length + 1)
    for (const change of this.unsafeNames.slice(0, kept).flat()) apply(left, change)
    const images = new Map<Inode, Inode>()
    for (const [name, inode] of left) {
      const image = images.get(inode) ?? inode.afterPowerCut(keeps, () => random.next())
      images.set(inode, image)
      left.set(name, image)
    }
    this.#replace(left)
  }

  #replace(names: ReadonlyMap<string, Inode>): void {
    this.names.clear()
    this.safeNames.clear()
    this.unsafeNames = []
    for (const [name, inode] of names) {
      this.names.set(name, inode)
      this.safeNames.set(name, inode)
    }
  }
}

/** A name comes or goes. */
export function apply(names: Map<string, Inode>, { name, inode }: NameChange): void {
  if (inode) names.set(name, inode)
  else names.delete(name)
}
