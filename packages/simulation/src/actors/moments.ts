import type { Seen, Timed, Watcher } from '../history/history.js'
import type { SeededRandom } from '../world/seeded-random.js'

/** Waits for moments that chance alone would seldom hit. */
export class Moments implements Watcher {
  #waiting: ((event: Timed<Seen>) => boolean)[] = []

  see(event: Timed<Seen>): void {
    this.#waiting = this.#waiting.filter((isThis) => !isThis(event))
  }

  /** All has gone wrong that will. */
  forget(): void {
    this.#waiting = []
  }

  /** The coordinator is asked to end a transaction: its state, its markers and the end of its state are written next. */
  whenTransactionEnds(act: () => void): void {
    this.#waiting.push((event) => {
      const isEnd = event.kind === 'request' && event.exchange.api.name === 'EndTxn'
      if (isEnd) act()
      return isEnd
    })
  }

  /** A member (or the leader) was told of a generation, and is about to ask for its assignment; or it gave partitions up. */
  inRebalance(random: SeededRandom, strike: (member: string) => void): void {
    const wanted = random.pick(['joined', 'leads', 'revoked', 'revoked'] as const)
    this.#waiting.push((event) => {
      const name = memberIn(event, wanted)
      if (name !== undefined) strike(name)
      return name !== undefined
    })
  }
}

function memberIn(event: Timed<Seen>, wanted: 'joined' | 'leads' | 'revoked'): string | undefined {
  if (event.kind === 'revoked') return wanted === 'revoked' ? event.member.host : undefined
  if (wanted === 'revoked' || event.kind !== 'answer' || event.exchange.api.name !== 'JoinGroup') return undefined
  const { host, response } = event.exchange
  const isIn = response.errorCode === 0 && (wanted === 'joined' || response.leader === response.memberId)
  return isIn ? host : undefined
}
