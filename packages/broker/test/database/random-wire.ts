import { UnknownOutcomeError } from '../../src/database/database-error.js'
import type { Wire } from '../../src/database/memory/wire.js'

/** A wire on which calls take some turns each way, and one in ten is lost on its way, or its answer is, or it comes when nobody waits. */
export class RandomWire implements Wire {
  readonly #draw: (below: number) => number

  constructor(draw: (below: number) => number) {
    this.#draw = draw
  }

  async carry<Answer>(_call: string, arrive: () => Answer): Promise<Answer> {
    const fate = this.#draw(30)
    await this.#someTurns(4)
    if (fate === 0) throw new UnknownOutcomeError('unheard')
    if (fate === 1) {
      // Each still waits for the one before: it may come after the same call, made again.
      void this.#someTurns(12).then(arrive)
      throw new UnknownOutcomeError('late')
    }
    const answer = arrive()
    await this.#someTurns(4)
    if (fate === 2) throw new UnknownOutcomeError('unanswered')
    return answer
  }

  tell(arrive: () => void): void {
    void this.#someTurns(4).then(arrive)
  }

  async #someTurns(most: number): Promise<void> {
    for (let turns = this.#draw(most); turns > 0; turns--) await new Promise((resolve) => setImmediate(resolve))
  }
}
