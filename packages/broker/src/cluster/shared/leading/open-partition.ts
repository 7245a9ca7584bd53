import type { Term } from '../../../database/database.js'

export interface PartitionSteps {
  /** Brings it nearer to what is wanted. */
  step(partition: OpenPartition): Promise<void>
  /** A bug: it stays as it is until something else is wanted. */
  failed(partition: OpenPartition, error: unknown): void
}

/** One partition as it is here, and as it should be: steps are taken one after the other until both are the same. */
export class OpenPartition {
  readonly topic: string
  readonly index: number
  /** The term that it is open in. */
  open: Term | undefined
  readonly #steps: PartitionSteps
  #wanted: Term | undefined
  #opened: Term | undefined
  #last: Promise<unknown> = Promise.resolve()

  constructor(topic: string, index: number, steps: PartitionSteps) {
    this.topic = topic
    this.index = index
    this.#steps = steps
  }

  /** The term that it should be open in; while that is the one that is open, it is the same object. */
  get wanted(): Term | undefined {
    return this.#wanted
  }

  want(term: Term | undefined): void {
    if (isSame(term, this.#wanted)) return
    this.#wanted = isSame(term, this.open) ? this.open : term
    void this.run(async () => undefined)
  }

  opens(term: Term): void {
    this.open = term
    this.#opened = term
  }

  /** Whether this term, or a later one, was opened: it may not be again. */
  hasOpened({ partId, epoch }: Term): boolean {
    return this.#opened?.partId === partId && this.#opened.epoch >= epoch
  }

  /** Does something with the partition when all before is done; and then what is needed to make it as it should be. */
  run<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work)
    this.#last = done
      .then(
        () => undefined,
        () => undefined,
      )
      .then(() => this.#settle())
    return done
  }

  async settled(): Promise<void> {
    await this.#last
  }

  async #settle(): Promise<void> {
    try {
      while (this.open !== this.#wanted) await this.#steps.step(this)
    } catch (error) {
      this.#wanted = this.open
      this.#steps.failed(this, error)
    }
  }
}

function isSame(one: Term | undefined, other: Term | undefined): boolean {
  return one?.partId === other?.partId && one?.epoch === other?.epoch
}
