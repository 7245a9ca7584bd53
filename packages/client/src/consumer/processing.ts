import { type OfConsumer, type ProcessTrace, processes } from '../diagnostics/channels.js'
import type { OpenTrace } from '../diagnostics/tracing.js'
import type { ConsumerRecord } from './fetch/consumer-record.js'

/** Tells what the application does with records, if anybody listens: from when it gets them until it comes back for more. */
export class Processing {
  readonly #who: OfConsumer
  #open: OpenTrace<ProcessTrace> | null = null

  constructor(who: OfConsumer) {
    this.#who = who
  }

  get isHeard(): boolean {
    return processes.isHeard
  }

  /** The application gets these. */
  began(records: readonly ConsumerRecord[]): void {
    this.#open = processes.begin({ ...this.#who, records })
  }

  /** It came back for more. */
  handled(): void {
    this.#end(true)
  }

  /** It does not come back. */
  left(): void {
    this.#end(false)
  }

  #end(isComplete: boolean): void {
    const open = this.#open
    this.#open = null
    open?.end({ isComplete })
  }
}
