import type { Clock, Disk, DiskFile, Timer } from '@rivven/runtime'
import type { Logger } from 'pino'
import { ChangeQueue } from '../../change-queue.js'

/** Lines that wait for a disk that is slow or full: beyond so many characters they are lost, and counted. */
const MOST_WAITING = 1024 * 1024
const RETRY_MS = 1_000
const LINE_END = 0x0a

export interface LineFileParts {
  readonly disk: Pick<Disk, 'open'>
  readonly clock: Clock
  readonly log: Logger
}

interface OpenFile {
  readonly file: DiskFile
  /** Where the next line goes. */
  readonly end: number
}

/**
 * A file to which lines are added. It may be moved away: `reopen` goes on in a new one. A disk that takes nothing is told of
 * once and tried again, and nobody waits for it.
 */
export class LineFile {
  readonly #path: string
  readonly #parts: LineFileParts
  readonly #steps = new ChangeQueue()
  #open: OpenFile
  #waiting: string[] = []
  /** Of what waits or is being written. */
  #characters = 0
  #lost = 0
  #isFailing = false
  #isAsked = false
  #retry: Timer | undefined

  private constructor(path: string, parts: LineFileParts, open: OpenFile) {
    this.#path = path
    this.#parts = parts
    this.#open = open
  }

  /** Rejects where the file can be neither opened nor made. */
  static async open(path: string, parts: LineFileParts): Promise<LineFile> {
    return new LineFile(path, parts, await openAtEnd(path, parts.disk))
  }

  write(line: string): void {
    if (this.#characters + line.length > MOST_WAITING) {
      this.#lost += 1
      return
    }
    this.#waiting.push(line)
    this.#characters += line.length
    if (this.#retry === undefined) this.#ask()
  }

  /** Goes on in the file that has the name now; where there is none, it is made. */
  reopen(): Promise<void> {
    return this.#steps.run(async () => {
      try {
        const before = this.#open.file
        this.#open = await openAtEnd(this.#path, this.#parts.disk)
        await before.close()
      } catch (error) {
        this.#parts.log.error({ file: this.#path, error }, 'the audit log cannot be opened anew')
      }
    })
  }

  /** Writes what waits, if the disk takes it. */
  async close(): Promise<void> {
    await this.#steps.run(() => this.#flush())
    this.#retry?.cancel()
    await this.#open.file.close()
  }

  #ask(): void {
    if (this.#isAsked) return
    this.#isAsked = true
    void this.#steps.run(async () => {
      this.#isAsked = false
      await this.#flush()
    })
  }

  async #flush(): Promise<void> {
    const lines = this.#waiting
    const bytes = Buffer.from(lines.join(''))
    const { file, end } = this.#open
    this.#waiting = []
    try {
      await file.write([bytes], end)
      this.#open = { file, end: end + bytes.length }
      for (const line of lines) this.#characters -= line.length
      this.#succeeded()
    } catch (error) {
      // From the same place once more: what of it was written is written over.
      this.#waiting = [...lines, ...this.#waiting]
      this.#failed(error)
    }
  }

  #succeeded(): void {
    if (this.#isFailing || this.#lost > 0) {
      this.#parts.log.warn({ file: this.#path, lost: this.#lost }, 'the audit log is written again')
    }
    this.#isFailing = false
    this.#lost = 0
  }

  #failed(error: unknown): void {
    if (!this.#isFailing) {
      this.#parts.log.error({ file: this.#path, error }, 'the audit log cannot be written: the broker goes on without')
    }
    this.#isFailing = true
    this.#retry?.cancel()
    this.#retry = this.#parts.clock.setTimer(RETRY_MS, () => {
      this.#retry = undefined
      this.#ask()
    })
  }
}

/** A broker that was killed may have left half a line: the next one does not go on in it. */
async function openAtEnd(path: string, disk: Pick<Disk, 'open'>): Promise<OpenFile> {
  const file = await disk.open(path, 'write')
  const end = await file.size()
  const last = Buffer.alloc(1)
  if (end > 0) await file.read(last, end - 1)
  if (end === 0 || last[0] === LINE_END) return { file, end }
  await file.write([Buffer.of(LINE_END)], end)
  return { file, end: end + 1 }
}
