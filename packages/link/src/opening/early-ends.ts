import type { Clock } from '@rivven/runtime'
import { RivvenError } from '../errors/errors.js'

/** A broker that says what it speaks and then hangs up so many times in a row does not do so because it is being stopped. */
const meantAfter = 3

interface Reason {
  readonly code: string
  readonly text: string
  readonly hint: string
}

/**
 * Why a peer ends connections before anything came of them: it does not say. A broker that starts or stops does so, and the
 * proxy before one; whoever goes on with it, and has never done anything else, means it.
 */
export class EarlyEnds {
  readonly #where: string
  readonly #clock: Clock
  readonly #patienceMs: number
  #inARow = 0
  #since = 0

  /** `where` is the address; brokers and proxies that start get `patienceMs` until they do better. */
  constructor(where: string, clock: Clock, patienceMs: number) {
    this.#where = where
    this.#clock = clock
    this.#patienceMs = patienceMs
  }

  /** Something came of one. */
  passed(): void {
    this.#inARow = 0
  }

  get areNone(): boolean {
    return this.#inARow === 0
  }

  /** The peer ended the TLS handshake. */
  inHandshake(mayBeMeant: boolean): RivvenError {
    return this.#endedTls(mayBeMeant, {
      text: `${this.#where} ended the connection in the middle of the TLS handshake.`,
      hint: 'A listener without TLS does so (leave ssl out), and one that wants a certificate of its clients (ssl.cert and ssl.key).',
    })
  }

  /** The peer ended the encrypted connection before its first answer: in TLS 1.3 it looks at our certificate that late. */
  afterHandshake(mayBeMeant: boolean): RivvenError {
    return this.#endedTls(mayBeMeant, {
      text: `${this.#where} ended the encrypted connection before its first answer.`,
      hint: 'It may want a certificate of its clients (ssl.cert and ssl.key), or another one.',
    })
  }

  /** The peer ended the connection before its first answer. */
  beforeAnswer(): RivvenError {
    this.#count()
    return this.#ended(false, {
      code: 'CONNECTION_FAILED',
      text: `${this.#where} ended the connection before its first answer.`,
      hint: 'A listener with TLS does so: give ssl.',
    })
  }

  /** The peer said which versions it speaks, and ended the connection when it was asked for something. */
  atFirstRequest(mayBeMeant: boolean): RivvenError {
    this.#count()
    return this.#ended(mayBeMeant && this.#inARow >= meantAfter, {
      code: 'AUTHENTICATION_FAILED',
      text: `${this.#where} ended the connection at the first request.`,
      hint: 'A listener with SASL does so when nobody logs in: give sasl.',
    })
  }

  #endedTls(mayBeMeant: boolean, reason: Omit<Reason, 'code'>): RivvenError {
    this.#count()
    const isMeant = mayBeMeant && this.#clock.monotonic() - this.#since >= this.#patienceMs
    return this.#ended(isMeant, { code: 'TLS_FAILED', ...reason })
  }

  #count(): void {
    if (this.#inARow === 0) this.#since = this.#clock.monotonic()
    this.#inARow++
  }

  #ended(isMeant: boolean, { code, text, hint }: Reason): RivvenError {
    const facts = { address: this.#where }
    if (isMeant) return new RivvenError(code, text, { hint, facts })
    return new RivvenError('CONNECTION_FAILED', text, { retriable: true, hint, facts })
  }
}
