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

  /** An operator asks for a reset of offsets: members come together then, and the turning point is written. */
  whenResetIsAsked(act: () => void): void {
    this.#waiting.push((event) => {
      const isAsked = event.kind === 'reset' && event.step === 'asked'
      if (isAsked) act()
      return isAsked
    })
  }

  /** A group whose offsets are being reset has its next generation: the offsets are stored with it, its assignment is not. */
  whenResetHasTurned(act: () => void): void {
    let group: string | undefined
    this.#waiting.push((event) => {
      if (event.kind === 'reset') group = event.step === 'asked' ? event.reset.group : undefined
      if (event.kind !== 'answer' || event.exchange.api.name !== 'JoinGroup') return false
      const { request, response } = event.exchange
      const hasTurned = request.groupId === group && response.errorCode === 0
      if (hasTurned) act()
      return hasTurned
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
