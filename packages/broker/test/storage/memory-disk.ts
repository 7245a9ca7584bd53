import { dirname } from 'node:path'
import type { Disk, DiskFile } from '@rivven/runtime'

/** What one file holds, and what of it would be there after the power was cut. */
interface Inode {
  bytes: Buffer
  synced: Buffer
}

/** What goes wrong, by number of the operation that changes something (the first is 1). */
export interface DiskFault {
  at: number
  /** 'stop': nothing happens from there on, as if the process had been killed. */
  kind: 'stop' | 'error'
  code?: string
  /** Only operations of this name count. */
  only?: string
  /** A failing write puts down this much of its bytes first. */
  partial?: number
}

/** A disk in memory that can fail, and that knows what a power cut would leave. */
export class MemoryDisk implements Disk {
  readonly parallelism = 4
  /** Operations so far that change something. */
  operations = 0
  openFiles = 0
  maxOpenFiles = Infinity
  /** The most that were open at once. */
  mostOpenFiles = 0
  fault: DiskFault | undefined
  /** Bytes of all files together; a write that needs more puts down what fits, and fails. */
  capacity = Infinity
  readonly history: string[] = []
  private names = new Map<string, Inode>()
  private syncedNames = new Map<string, Inode>()
  private folders = new Set<string>()

  /** The disk as a killed process leaves it: all that was written is there. */
  afterKill({ keepsSyncState = false } = {}): MemoryDisk {
    const disk = this.copy(this.names, ({ bytes }) => bytes)
    if (keepsSyncState) disk.forgetSyncs(this)
    return disk
  }

  /** The disk after the power was cut: only what was synced, names included. */
  afterPowerCut(): MemoryDisk {
    return this.copy(this.syncedNames, ({ synced }) => synced)
  }

  names_(): string[] {
    return [...this.names.keys()].sort()
  }

  get free(): number {
    let used = 0
    for (const { bytes } of this.names.values()) used += bytes.length
    return Math.max(0, this.capacity - used)
  }

  content(path: string): Buffer {
    return this.inode(path).bytes
  }

  /** Damages a file from outside. */
  change(path: string, change: (bytes: Buffer) => Buffer): void {
    const inode = this.inode(path)
    inode.bytes = change(Buffer.from(inode.bytes))
    inode.synced = inode.bytes
  }

  async open(path: string, mode: 'read' | 'write'): Promise<DiskFile> {
    await turn()
    if (this.openFiles >= this.maxOpenFiles) throw failure('EMFILE', path)
    if (!this.names.has(path)) {
      if (mode === 'read' || !this.folders.has(dirname(path))) throw failure('ENOENT', path)
      this.act('create', path)
      this.names.set(path, { bytes: Buffer.alloc(0), synced: Buffer.alloc(0) })
    }
    this.openFiles++
    this.mostOpenFiles = Math.max(this.mostOpenFiles, this.openFiles)
    return new MemoryFile(this, this.inode(path), path)
  }

  async readFile(path: string): Promise<Buffer> {
    await turn()
    return Buffer.from(this.inode(path).bytes)
  }

  async replaceFile(path: string, content: Uint8Array): Promise<void> {
    const beside = `${path}.new`
    this.act('create', beside)
    const inode: Inode = { bytes: Buffer.alloc(0), synced: Buffer.alloc(0) }
    this.names.set(beside, inode)
    await turn()
    this.act('write', beside)
    if (content.length > this.free) {
      this.names.delete(beside)
      throw failure('ENOSPC', beside)
    }
    inode.bytes = Buffer.from(content)
    await turn()
    this.act('sync', beside)
    inode.synced = inode.bytes
    await this.rename(beside, path)
    await this.syncFolder(dirname(path))
  }

  async list(folder: string): Promise<string[]> {
    await turn()
    if (!this.folders.has(folder)) throw failure('ENOENT', folder)
    const inside = [...this.names.keys(), ...this.folders].filter((path) => dirname(path) === folder)
    return inside.map((path) => path.slice(folder.length + 1))
  }

  async makeFolder(path: string): Promise<void> {
    await turn()
    for (let folder = path; folder !== dirname(folder); folder = dirname(folder)) this.folders.add(folder)
  }

  async rename(from: string, to: string): Promise<void> {
    await turn()
    this.act('rename', from)
    if (this.folders.has(from)) {
      this.folders.delete(from)
      this.folders.add(to)
    } else {
      this.inode(from)
    }
    for (const [path, inode] of [...this.names]) {
      if (path !== from && !path.startsWith(`${from}/`)) continue
      this.names.delete(path)
      this.names.set(to + path.slice(from.length), inode)
    }
  }

  async remove(path: string): Promise<void> {
    await turn()
    this.act('remove', path)
    this.folders.delete(path)
    for (const name of [...this.names.keys()]) if (name === path || name.startsWith(`${path}/`)) this.names.delete(name)
  }

  async syncFolder(path: string): Promise<void> {
    await turn()
    this.act('syncFolder', path)
    for (const name of [...this.syncedNames.keys()]) if (dirname(name) === path) this.syncedNames.delete(name)
    for (const [name, inode] of this.names) if (dirname(name) === path) this.syncedNames.set(name, inode)
  }

  async sizeOf(path: string): Promise<number | undefined> {
    await turn()
    return this.names.get(path)?.bytes.length
  }

  /** Counts an operation, and lets it fail if it is its turn. Returns how much of a write may still be done. */
  act(name: string, path: string): void {
    const { fault } = this
    if (fault?.kind === 'stop' && this.operations >= fault.at) throw failure('STOPPED', path)
    if (fault?.only !== undefined && fault.only !== name) return
    this.operations++
    this.history.push(`${name} ${path}`)
    if (fault === undefined || this.operations < fault.at) return
    if (fault.kind === 'error' && this.operations > fault.at) return
    throw failure(fault.kind === 'stop' ? 'STOPPED' : (fault.code ?? 'EIO'), path)
  }

  /** A power cut now would leave what it would have left of the other one. */
  private forgetSyncs(other: MemoryDisk): void {
    for (const [name, inode] of this.names) {
      inode.synced = other.inode(name).synced
      if (!other.syncedNames.has(name)) this.syncedNames.delete(name)
    }
  }

  private inode(path: string): Inode {
    const inode = this.names.get(path)
    if (inode === undefined) throw failure('ENOENT', path)
    return inode
  }

  private copy(names: ReadonlyMap<string, Inode>, content: (inode: Inode) => Buffer): MemoryDisk {
    const disk = new MemoryDisk()
    disk.folders = new Set(this.folders)
    for (const [name, inode] of names) {
      const bytes = Buffer.from(content(inode))
      disk.names.set(name, { bytes, synced: bytes })
      disk.syncedNames.set(name, disk.names.get(name)!)
    }
    return disk
  }
}

class MemoryFile implements DiskFile {
  private readonly disk: MemoryDisk
  private readonly inode: Inode
  private readonly path: string

  constructor(disk: MemoryDisk, inode: Inode, path: string) {
    this.disk = disk
    this.inode = inode
    this.path = path
  }

  async size(): Promise<number> {
    return this.inode.bytes.length
  }

  async write(chunks: readonly Uint8Array[], position: number): Promise<void> {
    await turn()
    this.writeNow(chunks, position)
  }

  writeNow(chunks: readonly Uint8Array[], position: number): void {
    const bytes = Buffer.concat(chunks)
    try {
      this.disk.act('write', this.path)
    } catch (error) {
      const { fault } = this.disk
      const isNow = fault !== undefined && this.disk.operations === fault.at
      if (isNow && fault.partial !== undefined) this.put(bytes.subarray(0, fault.partial), position)
      throw error
    }
    const fits = this.inode.bytes.length - position + this.disk.free
    if (fits > 0) this.put(bytes.subarray(0, fits), position)
    if (fits < bytes.length) throw failure('ENOSPC', this.path)
  }

  async read(target: Uint8Array, position: number): Promise<number> {
    await turn()
    return this.readNow(target, position)
  }

  readNow(target: Uint8Array, position: number): number {
    const bytes = this.inode.bytes.subarray(position, position + target.length)
    target.set(bytes)
    return bytes.length
  }

  async sync(): Promise<void> {
    const { bytes } = this.inode
    await turn()
    this.disk.act('sync', this.path)
    this.inode.synced = bytes
  }

  async truncate(size: number): Promise<void> {
    await turn()
    this.disk.act('truncate', this.path)
    this.inode.bytes = Buffer.concat([this.inode.bytes.subarray(0, size)], size)
  }

  async close(): Promise<void> {
    this.disk.openFiles--
  }

  private put(bytes: Buffer, position: number): void {
    const old = this.inode.bytes
    const grown = Buffer.alloc(Math.max(old.length, position + bytes.length))
    old.copy(grown)
    bytes.copy(grown, position)
    this.inode.bytes = grown
  }
}

/** Like real I/O, nothing is done before the code that asked has run to its end. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

function failure(code: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${path}`), { code })
}
