import { type Descriptors, descriptorSentence } from '@rivven/runtime'
import type { Logger } from 'pino'

/** With fewer left than this it is told: files that are opened for a moment need some. */
const FEW = 32
const TELL_EVERY = 6

/**
 * Tells the operator that the process is running out of file descriptors. The operating system accepts a connection that it has
 * none for and closes it, without a word to anybody: clients see their connections end, and the broker would not know.
 */
export class DescriptorWatch {
  readonly #ask: () => Promise<Descriptors | undefined>
  readonly #log: Pick<Logger, 'error'>
  #looksUntilTold = 0

  constructor(ask: () => Promise<Descriptors | undefined>, log: Pick<Logger, 'error'>) {
    this.#ask = ask
    this.#log = log
  }

  /** Looks once: to be called again and again, and tells at each sixth time while it lasts. */
  async look(): Promise<void> {
    const found = await this.#ask()
    if (found === undefined || found.limit - found.open >= FEW) {
      this.#looksUntilTold = 0
      return
    }
    if (this.#looksUntilTold-- > 0) return
    this.#looksUntilTold = TELL_EVERY - 1
    const { open, limit } = found
    this.#log.error(
      { open, limit },
      `connections may be closed as they come: ${descriptorSentence({ code: 'EMFILE' })}`,
    )
  }
}
