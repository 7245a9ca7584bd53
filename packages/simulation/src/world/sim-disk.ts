import { dirname } from 'node:path/posix'
import type { Disk, DiskFile } from '@rivven/runtime'
import type { Life } from './life.js'
import type { SeededRandom } from './seeded-random.js'
import { Inode, SimFile } from './sim-file.js'

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
interface NameChange {
  readonly name: string
  readonly inode: Inode | undefined
}

/** What the files of a machine are, across the lives of its processes. */
export class Platter {
  readonly names = new Map<string, Inode>()
  readonly folders = new Set<string>(['/'])
  readonly safeNames = new Map<string, Inode>()
  unsafeNames: NameChange[] = []
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
    for (const change of this.unsafeNames.slice(0, kept)) apply(left, change)
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

function apply(names: Map<string, Inode>, { name, inode }: NameChange): void {
  if (inode) names.set(name, inode)
  else names.delete(name)
}

/** The disk as one life of a process sees it: a dead one changes nothing any more. */
export class SimDisk implements Disk {
  readonly parallelism = 4
  readonly #life: Life
  readonly #platter: Platter
  readonly #random: SeededRandom

  constructor(life: Life, platter: Platter, random: SeededRandom) {
    this.#life = life
    this.#platter = platter
    this.#random = random
  }

  async open(path: string, mode: 'read' | 'write'): Promise<DiskFile> {
    await this.takesTime('open', path)
    const known = this.#platter.names.get(path)
    if (known) return new SimFile(this, known, path)
    if (mode === 'read' || !this.#platter.folders.has(dirname(path))) throw this.failure('ENOENT', path)
    this.mayFail('create', path)
    const inode = new Inode()
    this.#setName(path, inode)
    return new SimFile(this, inode, path)
  }

  async readFile(path: string): Promise<Buffer> {
    await this.takesTime('read', path)
    return Buffer.from(this.#inode(path).bytes)
  }

  async replaceFile(path: string, content: Uint8Array): Promise<void> {
    const beside = `${path}.new`
    const file = await this.open(beside, 'write')
    await file.truncate(0)
    await file.write([content], 0)
    await file.sync()
    await file.close()
    await this.rename(beside, path)
    await this.syncFolder(dirname(path))
  }

  async list(folder: string): Promise<string[]> {
    await this.takesTime('read', folder)
    if (!this.#platter.folders.has(folder)) throw this.failure('ENOENT', folder)
    const all = [...this.#platter.names.keys(), ...this.#platter.folders]
    return all
      .filter((path) => path !== folder && dirname(path) === folder)
      .map((path) => path.slice(folder.length + 1))
  }

  async makeFolder(path: string): Promise<void> {
    await this.takesTime('create', path)
    for (let folder = path; folder !== dirname(folder); folder = dirname(folder)) this.#platter.folders.add(folder)
  }

  async rename(from: string, to: string): Promise<void> {
    await this.takesTime('rename', from)
    this.mayFail('rename', from)
    const { names, folders } = this.#platter
    if (folders.has(from)) {
      for (const folder of [...folders])
        if (isIn(folder, from)) moveFolder(folders, folder, to + folder.slice(from.length))
    } else {
      this.#inode(from)
    }
    for (const [path, inode] of [...names]) {
      if (!isIn(path, from)) continue
      this.#setName(path, undefined)
      this.#setName(to + path.slice(from.length), inode)
    }
  }

  async remove(path: string): Promise<void> {
    await this.takesTime('remove', path)
    this.mayFail('remove', path)
    const { names, folders } = this.#platter
    for (const folder of [...folders]) if (isIn(folder, path)) folders.delete(folder)
    for (const name of [...names.keys()]) if (isIn(name, path)) this.#setName(name, undefined)
  }

  async syncFolder(path: string): Promise<void> {
    await this.takesTime('syncFolder', path)
    this.mayFail('syncFolder', path)
    const platter = this.#platter
    for (const change of platter.unsafeNames) if (dirname(change.name) === path) apply(platter.safeNames, change)
    platter.unsafeNames = platter.unsafeNames.filter(({ name }) => dirname(name) !== path)
  }

  async sizeOf(path: string): Promise<number | undefined> {
    await this.takesTime('read', path)
    return this.#platter.names.get(path)?.size
  }

  /** Like real I/O, nothing is done before the code that asked has run to its end. */
  takesTime(operation: DiskOperation, path: string): Promise<void> {
    const { slowMs } = this.#platter
    const usual =
      operation === 'sync' || operation === 'syncFolder'
        ? this.#random.between(0.2, 3)
        : this.#random.between(0.01, 0.2)
    const delay = usual + (slowMs > 0 ? this.#random.between(0, slowMs) : 0)
    return new Promise((resolve) => this.#life.after(delay, `disk ${operation} ${path}`, resolve))
  }

  /** How much of a write there is room for. */
  roomFor(bytes: number, path: string): number {
    if (this.#life.isDead) throw this.failure('ESTOPPED', path)
    const taken = Math.min(bytes, this.#platter.room)
    this.#platter.room -= taken
    return taken
  }

  mayFail(operation: DiskOperation, path: string): void {
    if (this.#life.isDead) throw this.failure('ESTOPPED', path)
    this.#platter.onOperation?.(operation, path)
    if (this.#life.isDead) throw this.failure('ESTOPPED', path)
    if (this.#platter.failing.has(operation)) throw this.failure('EIO', path)
  }

  failure(code: string, path: string): Error {
    return Object.assign(new Error(`${code}: ${path}`), { code, path })
  }

  #inode(path: string): Inode {
    const inode = this.#platter.names.get(path)
    if (!inode) throw this.failure('ENOENT', path)
    return inode
  }

  #setName(name: string, inode: Inode | undefined): void {
    const change = { name, inode }
    apply(this.#platter.names, change)
    this.#platter.unsafeNames.push(change)
  }
}

function isIn(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`)
}

function moveFolder(folders: Set<string>, from: string, to: string): void {
  folders.delete(from)
  folders.add(to)
}
