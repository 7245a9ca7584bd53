import type { Exchange, Seen, Timed } from '../../history/history.js'
import { Calm } from '../calm.js'
import type { Check, Report } from '../check.js'
import { type KnownRights, keyOf, type Missing, type UserRights } from './known-rights.js'
import { type Need, neededRights } from './needed-rights.js'

/** How long records may be on their way through the broker, in milliseconds. */
const graceMs = 50

/**
 * Nobody reads or writes without the right to: what is asked behind the answer by which a right is gone is refused, and a
 * fetch that waits meanwhile brings nothing more. And nobody is refused who has all rights.
 */
export class Rights implements Check {
  readonly #report: Report
  readonly #known: KnownRights
  readonly #calm = new Calm()
  /** What was known when a request left. */
  readonly #asked = new WeakMap<Exchange, UserRights>()
  readonly #topics = new Map<string, string>()

  constructor(report: Report, known: KnownRights) {
    this.#report = report
    this.#known = known
  }

  see(event: Timed<Seen>): void {
    this.#calm.isDisturbedBy(event)
    if (event.kind !== 'request' && event.kind !== 'answer') return
    const { exchange } = event
    const rights = this.#known.of(exchange.host)
    if (!rights) return
    if (event.kind === 'request') this.#asked.set(exchange, rights)
    else if (exchange.api.name === 'Metadata') this.#learnTopics(exchange)
    else this.#judge(exchange, rights, event.at)
  }

  #learnTopics({ response }: Exchange): void {
    for (const { topicId, name } of response.topics) if (topicId && name) this.#topics.set(topicId, name)
  }

  #judge(exchange: Exchange, now: UserRights, at: number): void {
    const asked = this.#asked.get(exchange)
    if (!asked) return
    const { host, api } = exchange
    for (const need of neededRights(exchange, (id) => this.#topics.get(id) ?? id)) {
      const missing = now.missing.get(keyOf(need.resource))
      if (need.isUsed && missing && this.#isOver(exchange, need, { missing, asked, at })) {
        const agoMs = (at - missing.since).toFixed(0)
        this.#report('rights', `${api.name} of ${host} is served, ${keyOf(need.resource)} is gone since ${agoMs} ms`)
      }
      const isWhole = asked === now && now.missing.size === 0 && now.unsure.size === 0
      if (need.isDenied && isWhole)
        this.#report('rights', `${api.name} of ${host} is refused, but ${keyOf(need.resource)} is there`)
    }
  }

  /** A request that had begun may go on; a fetch may only bring what it was about to bring. */
  #isOver(
    { api }: Exchange,
    { resource }: Need,
    { missing, asked, at }: { missing: Missing; asked: UserRights; at: number },
  ): boolean {
    if (asked.missing.get(keyOf(resource)) === missing) return true
    return api.name === 'Fetch' && this.#calm.isOver(at) && at - missing.since > graceMs
  }
}
