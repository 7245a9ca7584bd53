import { setTimeout as pause } from 'node:timers/promises'
import { type Api, allApis } from '@rivven/protocol'
import type { Conversation, Json, Step } from './conversation.js'
import { at, Captures, matches } from './matching.js'
import { type PendingAnswer, TalkConnection } from './talk-connection.js'
import { warmUp } from './warm-up.js'
import { withBytes } from './written-bytes.js'

export interface Broker {
  host: string
  port: number
  /** Ends the broker in this way and starts it again; absent: conversations with restarts cannot be played. */
  restart?(how: 'kill' | 'stop'): Promise<void>
}

let runs = 0

/** Plays a conversation with a broker; rejects at the first answer that is not as recorded. */
export async function play(conversation: Conversation, broker: Broker): Promise<void> {
  const player = new Player(broker)
  try {
    for (const [index, step] of conversation.steps.entries()) {
      try {
        await player.play(step)
      } catch (error) {
        const { response: _, ...asked } = step
        throw new Error(`step ${index + 1} ${JSON.stringify(asked)}: ${(error as Error).message}`)
      }
    }
  } finally {
    player.close()
  }
}

class Player {
  readonly #connections = new Map<string, TalkConnection>()
  readonly #pending = new Map<string, PendingAnswer>()
  readonly #captures = new Captures()
  readonly #run = `r${process.pid.toString(36)}${(runs++).toString(36)}${Math.floor(performance.now()).toString(36)}`

  constructor(private readonly broker: Broker) {
    this.#captures.set('run', this.#run)
    this.#captures.set('now', Date.now())
  }

  async play(step: Step): Promise<void> {
    if (step.wait !== undefined) return pause(step.wait)
    if (step.restart) return this.#restart(step.restart)
    if (step.close) return this.#close(step.close)
    if (step.closed) return this.#expectClosed(step)
    if (step.silent) return this.#expectSilence(step)
    const pending = this.#send(step)
    if (pending) await this.#expectAnswer(step, pending)
  }

  close(): void {
    for (const connection of this.#connections.values()) connection.close()
    this.#connections.clear()
  }

  async #restart(how: 'kill' | 'stop'): Promise<void> {
    this.close()
    if (!this.broker.restart) throw new Error('this broker cannot be restarted from here')
    await this.broker.restart(how)
    await warmUp(this.broker)
  }

  #close(name: string): void {
    this.#connections.get(name)?.close()
    this.#connections.delete(name)
  }

  async #expectClosed(step: Step): Promise<void> {
    const ended = this.#connection(step.closed!).ended.then(() => true)
    if (!(await Promise.race([ended, pause(step.within ?? 5000, false)]))) throw new Error('the connection stays open')
    this.#connections.delete(step.closed!)
  }

  async #expectSilence(step: Step): Promise<void> {
    const answer = await this.#pending.get(step.silent!)!.within(step.for ?? 500)
    if (answer !== undefined) throw new Error(`it was answered ${JSON.stringify(answer)}`)
  }

  /** Sends what the step says; the answer under way, if it is to be looked at now. */
  #send(step: Step): PendingAnswer | undefined {
    if (step.receive) return this.#pending.get(step.receive)
    const connection = this.#connection(step.conn ?? 'main')
    if (step.hex !== undefined && !step.api) {
      connection.write(Buffer.from(step.hex, 'hex'))
      return undefined
    }
    const pending =
      step.hex === undefined
        ? this.#ask(step)
        : connection.sendRaw(apiNamed(step.api!), step.version!, Buffer.from(step.hex, 'hex'))
    if (step.later) this.#pending.set(step.later, pending)
    return step.later || step.noResponse ? undefined : pending
  }

  #ask(step: Step): PendingAnswer {
    const { clientId, noResponse, cut } = step
    const request = this.#captures.fill(step.request ?? {})
    return this.#connection(step.conn ?? 'main').send(apiNamed(step.api!), step.version!, request, {
      clientId,
      noResponse,
      cut,
      extra: Buffer.from(step.extra ?? '', 'hex'),
    })
  }

  async #expectAnswer(step: Step, first: PendingAnswer): Promise<void> {
    const within = step.within ?? 15_000
    let answer = await this.#answer(step, first, within)
    if (step.after !== undefined && first.tookMs < step.after)
      throw new Error(`it was answered after ${first.tookMs} ms`)
    if (step.until) answer = await this.#askUntil(step, answer, within)
    else if (step.within !== undefined && first.tookMs > within)
      throw new Error(`it was answered after ${first.tookMs} ms`)
    for (const [name, pointer] of Object.entries(step.capture ?? {})) {
      const found = at(answer, pointer)
      if (found === undefined) throw new Error(`nothing at ${pointer} in ${JSON.stringify(answer)}`)
      this.#captures.set(name, found)
    }
    if (step.response === undefined) return
    const expected = withBytes(this.#captures.fill(step.response))
    if (!matches(expected, answer))
      throw new Error(`\n  expected ${JSON.stringify(expected)}\n  answered ${JSON.stringify(answer)}`)
  }

  async #askUntil(step: Step, first: Json, within: number): Promise<Json> {
    const { at: pointer, is } = step.until!
    const deadline = performance.now() + within
    let answer = first
    while (!matches(this.#captures.fill(is), at(answer, pointer))) {
      if (performance.now() > deadline) throw new Error(`at last it was answered ${JSON.stringify(answer)}`)
      await pause(100)
      answer = await this.#answer(step, this.#ask(step), within)
    }
    return answer
  }

  /** The answer; of its list `mine` only what this run made. */
  async #answer(step: Step, pending: PendingAnswer, within: number): Promise<Json> {
    const answer = await pending.within(within)
    if (answer === undefined) throw new Error(`no answer within ${within} ms`)
    const list = step.mine === undefined ? undefined : at(answer, step.mine)
    if (Array.isArray(list))
      list.splice(0, list.length, ...list.filter((element) => JSON.stringify(element).includes(this.#run)))
    return answer
  }

  #connection(name: string): TalkConnection {
    let connection = this.#connections.get(name)
    if (!connection) {
      connection = new TalkConnection(this.broker.host, this.broker.port)
      this.#connections.set(name, connection)
    }
    return connection
  }
}

function apiNamed(name: string): Api {
  const api = allApis.find((candidate) => candidate.name === name)
  if (!api) throw new Error(`there is no API ${name}`)
  return api
}
