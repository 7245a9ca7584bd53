import type { LiveConnection } from '@rivven/link'
import type { Clock } from '@rivven/runtime'
import { askAgain } from './ask-again.js'
import type { BrokerLinks } from './broker-links.js'

export interface InformantsParts {
  clock: Clock
  links: BrokerLinks
  /** How long an answer may take until another broker is asked, too, in milliseconds. */
  patienceMs: number
}

/** Who is asked the same so soon again has told what it knows. */
const soonMs = 5_000

/**
 * Whom one kind of question that any broker can answer is asked. Who asks again soon was not helped by the last answer: a broker that is
 * cut off from its cluster tells what was so before. So another one is asked then, and also where one says nothing for long.
 */
export class Informants {
  readonly #parts: InformantsParts
  #last: { broker: number; at: number } | null = null

  constructor(parts: InformantsParts) {
    this.#parts = parts
  }

  ask<T>(question: (live: LiveConnection) => Promise<T>): Promise<T> {
    const { clock, links, patienceMs } = this.#parts
    return askAgain(() => this.#askOne(question), { clock, times: links.count, patienceMs })
  }

  async #askOne<T>(question: (live: LiveConnection) => Promise<T>): Promise<T> {
    const { clock, links } = this.#parts
    const isSoon = this.#last !== null && clock.monotonic() - this.#last.at < soonMs
    const live = await links.any('main', isSoon ? this.#last!.broker : undefined)
    this.#last = { broker: live.broker, at: clock.monotonic() }
    return question(live)
  }
}
