import { ErrorCode } from '@rivven/protocol'

/** More than so many go as several requests: a broker limits how many elements one has. */
const mostAtOnce = 500

interface Asked<Question> {
  readonly question: Question
  readonly told: (errorCode: number) => void
}

/** Asks one broker all these; resolves to what it says of each, in their order. */
type AskAll<Question> = (broker: number, questions: readonly Question[]) => Promise<readonly (number | undefined)[]>

/** Gathers what peers are asked in one turn: what is for one of them goes as one request. Answers are error codes. */
export class TurnBatches<Question> {
  readonly #askAll: AskAll<Question>
  readonly #gathering = new Map<number, Asked<Question>[]>()

  constructor(askAll: AskAll<Question>) {
    this.#askAll = askAll
  }

  /** NETWORK_EXCEPTION where nobody knows what became of it: whoever asked the peer has told why. */
  ask(broker: number, question: Question): Promise<number> {
    return new Promise((told) => this.#add(broker, { question, told }))
  }

  #add(broker: number, asked: Asked<Question>): void {
    const others = this.#gathering.get(broker)
    if (others) {
      others.push(asked)
      return
    }
    if (this.#gathering.size === 0) queueMicrotask(() => this.#flush())
    this.#gathering.set(broker, [asked])
  }

  #flush(): void {
    const gathered = [...this.#gathering]
    this.#gathering.clear()
    for (const [broker, asked] of gathered) {
      for (let at = 0; at < asked.length; at += mostAtOnce) void this.#send(broker, asked.slice(at, at + mostAtOnce))
    }
  }

  async #send(broker: number, asked: readonly Asked<Question>[]): Promise<void> {
    const questions = asked.map(({ question }) => question)
    const codes = await this.#askAll(broker, questions).catch(() => questions.map(() => ErrorCode.NETWORK_EXCEPTION))
    for (const [at, { told }] of asked.entries()) told(codes[at] ?? ErrorCode.UNKNOWN_SERVER_ERROR)
  }
}
